// The curve of RFC 8032, section 5.1: -x² + y² = 1 + d·x²·y² over the integers modulo p.
const P = 2n ** 255n - 19n
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n
// The y of the points of order 8; those of order 1, 2 and 4 have y = 1, -1 and 0.
const Y_OF_ORDER_8 = 55188659117513257062467267217118295137698188065244968500265048394206261417927n
const SMALL_ORDER = new Set([0n, 1n, P - 1n, Y_OF_ORDER_8, P - Y_OF_ORDER_8])

/**
 * Says what is wrong with the 32 bytes of an Ed25519 public key, in one clause; null: nothing. Under a key of small order
 * anybody can write signatures that verify (*seen*: OpenSSL 3.0, which Node.js 22 has), and a second spelling of a key
 * would let one person count twice.
 */
export function faultOfPoint(bytes: Uint8Array): string | null {
  if (bytes.length !== 32) return 'it is not 32 bytes long'
  const y = littleEndian(bytes) & (2n ** 255n - 1n) // the highest bit is the sign of x
  if (y >= P) return 'its encoding is not the canonical one'
  if (SMALL_ORDER.has(y)) return 'it is a point of small order, for which anybody can sign'
  // x² = (y² - 1) / (d·y² + 1), and a quotient is a square where the product is one.
  const square = (y * y) % P
  const product = (((square + P - 1n) % P) * ((D * square + 1n) % P)) % P
  return power(product, (P - 1n) / 2n) === 1n ? null : 'it is no point of the curve'
}

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`)
}

function power(base: bigint, exponent: bigint): bigint {
  let [result, square] = [1n, base]
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % P
    square = (square * square) % P
  }
  return result
}
