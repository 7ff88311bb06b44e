/**
 * The content of an event's data as one text, to tell the same facts from different ones: the order of members and
 * members without a value make no difference. Personal fields must be left out, because they come back encrypted.
 */
export function contentOf(data: object): string {
  return JSON.stringify(data, (_name, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}
