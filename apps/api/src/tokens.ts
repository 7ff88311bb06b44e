/** Injection tokens of what is no class of ours. */
export const CORE = Symbol('core');
export const TOKENS = Symbol('token verifier');
