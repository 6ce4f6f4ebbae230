// Facts of the Open Cybersecurity Schema Framework, version 1.9.0 (https://schema.ocsf.io/1.9.0/, Apache License 2.0),
// written down by hand: of the class API Activity with the profiles Security Control and AI Operation, and of the objects that our
// events have, every attribute's name that is not deprecated, which are required, what at least one of must be there, the enumerations.

/** The version that the facts are of. */
export const VERSION = '1.9.0'

/** What is known of an object, or of the event itself. */
export interface ObjectFacts {
  readonly required: readonly string[]
  /** One of these must be there. */
  readonly atLeastOne?: readonly string[]
  /** Every attribute, and what it holds: a type, or the name of an object; `[]` behind it: a list of them. */
  readonly attributes: Readonly<Record<string, string>>
  /** The numbers of an attribute, and the caption that its sibling (without `_id`) then has. */
  readonly enums?: Readonly<Record<string, Readonly<Record<number, string>>>>
}

const names = (text: string, type: string): Record<string, string> =>
  Object.fromEntries(text.split(' ').map((name) => [name, type]))

const UNKNOWN = { 0: 'Unknown', 99: 'Other' }

// From 0 on.
const DISPOSITIONS =
  'Unknown,Allowed,Blocked,Quarantined,Isolated,Deleted,Dropped,Custom Action,Approved,Restored,Exonerated,Corrected,Partially Corrected,Uncorrected,Delayed,Detected,No Action,Logged,Tagged,Alert,Count,Reset,Captcha,Challenge,Access Revoked,Rejected,Unauthorized,Error'

const ENTITY = { ...names('name uid', 'string'), uid_numeric: 'integer' }

export const FACTS: Readonly<Record<string, ObjectFacts>> = {
  event: {
    required:
      'activity_id category_uid class_uid metadata severity_id time type_uid actor api src_endpoint'.split(
        ' ',
      ),
    attributes: {
      ...names('activity_id category_uid class_uid severity_id status_id', 'integer'),
      ...names('count raw_data_size timezone_offset action_id disposition_id', 'integer'),
      ...names('confidence_id confidence_score risk_level_id risk_score', 'integer'),
      ...names('time start_time end_time duration type_uid', 'integer'),
      ...names('activity_name category_name class_name message raw_data severity status', 'string'),
      ...names('status_code status_detail type_name action disposition confidence risk_details', 'string'),
      risk_level: 'string',
      is_alert: 'boolean',
      metadata: 'metadata',
      actor: 'actor',
      api: 'api',
      policy: 'policy',
      src_endpoint: 'network_endpoint',
      dst_endpoint: 'network_endpoint',
      resources: 'resource_details[]',
      ai_agent: 'ai_agent',
      message_context: 'message_context',
      unmapped: 'json',
      ...names('enrichments observables attacks authorizations malware', 'unused'),
      ...names('http_request http_response raw_data_hash firewall_rule malware_scan_info', 'unused'),
      ...names('ai_model delegation', 'unused'),
    },
    enums: {
      activity_id: { 0: 'Unknown', 1: 'Create', 2: 'Read', 3: 'Update', 4: 'Delete', 99: 'Other' },
      category_uid: { 6: 'Application Activity' },
      class_uid: { 6003: 'API Activity' },
      severity_id: {
        ...UNKNOWN,
        1: 'Informational',
        2: 'Low',
        3: 'Medium',
        4: 'High',
        5: 'Critical',
        6: 'Fatal',
      },
      status_id: { ...UNKNOWN, 1: 'Success', 2: 'Failure' },
      action_id: { ...UNKNOWN, 1: 'Allowed', 2: 'Denied', 3: 'Observed', 4: 'Modified' },
      disposition_id: { 99: 'Other', ...Object.fromEntries(DISPOSITIONS.split(',').entries()) },
    },
  },
  metadata: {
    required: ['product', 'version'],
    attributes: {
      ...names('correlation_uid event_code log_format log_level log_name log_provider log_source', 'string'),
      ...names('log_version original_event_uid original_time tenant_uid type uid version source', 'string'),
      ...names('sequence logged_time modified_time processed_time transmit_time', 'integer'),
      ...names('untruncated_size', 'integer'),
      is_truncated: 'boolean',
      ...names('labels profiles', 'string[]'),
      product: 'product',
      ...names(
        'debug extensions loggers reporter tags transformation_info_list total_queued_duration',
        'unused',
      ),
    },
  },
  product: {
    required: [],
    atLeastOne: ['name', 'uid'],
    attributes: {
      ...ENTITY,
      ...names('cpe_name lang path url_string vendor_name version', 'string'),
      feature: 'unused',
    },
  },
  actor: {
    required: [],
    atLeastOne: 'process user iam_role invoked_by session application app_name app_uid'.split(' '),
    attributes: {
      ...names('authorizations iam_role idp process', 'unused'),
      application: 'application',
      user: 'user',
      session: 'session',
    },
  },
  user: {
    required: [],
    atLeastOne: ['account', 'name', 'uid'],
    attributes: {
      ...ENTITY,
      ...names('display_name domain email_addr forward_addr full_name phone_number type uid_alt', 'string'),
      ...names('type_id risk_level_id risk_score', 'integer'),
      has_mfa: 'boolean',
      risk_level: 'string',
      groups: 'group[]',
      ...names('account ldap_person org programmatic_credentials', 'unused'),
    },
    enums: { type_id: { ...UNKNOWN, 1: 'User', 2: 'Admin', 3: 'System', 4: 'Service' } },
  },
  group: {
    required: [],
    atLeastOne: ['name', 'uid'],
    attributes: { ...ENTITY, ...names('desc domain type uid_alt', 'string'), privileges: 'string[]' },
  },
  session: {
    required: [],
    attributes: {
      ...names('credential_uid expiration_reason issuer terminal uid uid_alt uuid', 'string'),
      ...names('count created_time expiration_time', 'integer'),
      ...names('is_mfa is_remote is_vpn', 'boolean'),
    },
  },
  application: {
    required: [],
    atLeastOne: ['name', 'uid'],
    attributes: {
      ...names('name uid uid_alt criticality desc hostname region risk_level type version', 'string'),
      ...names('risk_level_id risk_score', 'integer'),
      labels: 'string[]',
      data: 'json',
      ...names('group owner product resource_relationship sbom tags url', 'unused'),
    },
  },
  ai_agent: {
    required: [],
    atLeastOne: ['name', 'uid'],
    attributes: {
      ...ENTITY,
      ...names('instance_uid type version', 'string'),
      type_id: 'integer',
      ...names('ai_model charter', 'unused'),
    },
    enums: { type_id: { ...UNKNOWN, 1: 'Native', 2: 'LangChain', 3: 'AutoGen', 4: 'CrewAI' } },
  },
  message_context: {
    required: [],
    atLeastOne: ['application', 'service'],
    attributes: {
      ...ENTITY,
      ...names('ai_role prompt_text response_text', 'string'),
      ...names('ai_role_id completion_tokens prompt_tokens total_tokens', 'integer'),
      application: 'application',
      service: 'service',
    },
  },
  api: {
    required: ['operation'],
    attributes: {
      ...names('operation version', 'string'),
      service: 'service',
      request: 'request',
      response: 'response',
      ...names('group token', 'unused'),
    },
  },
  service: {
    required: [],
    atLeastOne: ['name', 'uid'],
    attributes: { ...ENTITY, version: 'string', labels: 'string[]', tags: 'unused' },
  },
  request: {
    required: ['uid'],
    attributes: { uid: 'string', data: 'json', flags: 'string[]', containers: 'unused' },
  },
  response: {
    required: [],
    attributes: {
      code: 'integer',
      ...names('error error_message message', 'string'),
      data: 'json',
      flags: 'string[]',
      containers: 'unused',
    },
  },
  network_endpoint: {
    required: [],
    atLeastOne: 'ip uid name hostname svc_name instance_uid interface_uid interface_name domain'.split(' '),
    attributes: {
      ...ENTITY,
      ...names('domain hostname instance_uid interface_name interface_uid ip mac mac_vendor', 'string'),
      ...names('subnet_uid svc_name type vlan_uid vpc_uid zone isp isp_org network_scope', 'string'),
      ...names('port type_id network_scope_id', 'integer'),
      intermediate_ips: 'string[]',
      ...names('agent_list autonomous_system fingerprints hw_info location os owner', 'unused'),
      ...names('proxy_endpoint pool', 'unused'),
    },
  },
  resource_details: {
    required: [],
    atLeastOne: ['name', 'uid'],
    attributes: {
      ...ENTITY,
      ...names('type uid_alt criticality hostname ip namespace role version region zone', 'string'),
      ...names('created_time modified_time role_id criticality_id', 'integer'),
      labels: 'string[]',
      data: 'json',
      is_backed_up: 'boolean',
      ...names(
        'agent_list device group owner user resource_relationship tags cloud_partition provider',
        'unused',
      ),
    },
    enums: { role_id: { ...UNKNOWN, 1: 'Target', 2: 'Actor', 3: 'Affected', 4: 'Related' } },
  },
  policy: {
    required: [],
    atLeastOne: ['name', 'type', 'uid'],
    attributes: {
      ...ENTITY,
      ...names('desc type version', 'string'),
      is_applied: 'boolean',
      group: 'unused',
      data: 'json',
    },
  },
}
