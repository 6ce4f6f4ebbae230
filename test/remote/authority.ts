import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'

/** A certificate and its key, as PEM and in files. */
export interface Certificate {
  readonly cert: string
  readonly key: string
  readonly certFile: string
  readonly keyFile: string
}

/** A company's own certificate authority, which no machine knows. Its files are removed at the end. */
export interface Authority extends AsyncDisposable {
  /** What NODE_EXTRA_CA_CERTS names. */
  readonly caFile: string
  readonly directory: string
  /** Issues a certificate for names and addresses, such as `DNS:policy.example` and `IP:127.0.0.1`. */
  readonly issue: (names: readonly string[], options?: { readonly days?: number }) => Promise<Certificate>
}

const LOCAL_NAMES = ['DNS:localhost', 'IP:127.0.0.1', 'IP:::1'] as const
const NEW_KEY = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'

/** Makes an authority with openssl. */
export async function makeAuthority(): Promise<Authority> {
  const directory = await mkdtemp(join(tmpdir(), 'hoopctl-authority-'))
  // Words without white space: file names are relative to the directory.
  const openssl = (words: string): Promise<unknown> => execa('openssl', words.split(' '), { cwd: directory })
  const extensions = '-addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign'
  await openssl(`req -x509 ${NEW_KEY} -keyout ca.key -out ca.pem -days 30 -subj /CN=authority ${extensions}`)
  let issued = 0
  return {
    directory,
    caFile: join(directory, 'ca.pem'),
    issue: async (names, { days = 30 } = {}) => {
      const base = `host-${(issued += 1)}`
      const altNames = (names.length === 0 ? LOCAL_NAMES : names).join(',')
      const extensionFile = join(directory, `${base}.ext`)
      await writeFile(extensionFile, `subjectAltName=${altNames}\nextendedKeyUsage=serverAuth\n`)
      await openssl(`req -new ${NEW_KEY} -keyout ${base}.key -out ${base}.csr -subj /CN=host`)
      const signing = `-CA ca.pem -CAkey ca.key -CAcreateserial -days ${days} -extfile ${base}.ext`
      await openssl(`x509 -req -in ${base}.csr ${signing} -out ${base}.pem`)
      const [certFile, keyFile] = [join(directory, `${base}.pem`), join(directory, `${base}.key`)]
      const [cert, key] = [await readFile(certFile, 'utf8'), await readFile(keyFile, 'utf8')]
      return { certFile, keyFile, cert, key }
    },
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  }
}
