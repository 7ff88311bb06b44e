/**
 * JSON Canonicalization Scheme (RFC 8785): the one text for a JSON value. Members are sorted by UTF-16 code units, and
 * numbers and strings are written as ECMAScript writes them, which is what the RFC asks for. Members that are undefined
 * are left out, as JSON.stringify does.
 *
 * @throws TypeError where the value has no JSON form (NaN, infinite numbers, bigint, functions)
 */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError(`${value} has no JSON form`);
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    let members = '';
    for (const name of Object.keys(value).sort()) {
      const member: unknown = Reflect.get(value, name);
      if (member === undefined) continue;
      members += `${members === '' ? '' : ','}${JSON.stringify(name)}:${canonicalJson(member)}`;
    }
    return `{${members}}`;
  }
  const text: string | undefined = JSON.stringify(value);
  if (text === undefined) throw new TypeError(`A ${typeof value} has no JSON form`);
  return text;
}
