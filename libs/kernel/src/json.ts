import { type Json } from './envelope';

/** JSON.parse with the type that JSON has. @throws SyntaxError */
export function parseJson(text: string): Json {
  return JSON.parse(text) as Json;
}
