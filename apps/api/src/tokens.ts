/** Injection tokens of what is no class of ours. */
export const CORE = Symbol('core');
export const TOKENS = Symbol('token verifier');
/** Where the API is reached from outside; undefined where nobody said. */
export const PUBLIC_URL = Symbol('public URL');
