/** One rule of the house: a file that breaks it, and its twin, which differs in that alone and passes. */
export interface Fault {
  readonly rule: string
  /** Below the repository; the twin is beside it, unless `twinFile` says where the same text would be right. */
  readonly file: string
  readonly fault: string
  readonly twin: string
  readonly twinFile?: string
}
