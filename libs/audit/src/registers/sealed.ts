import { type Json, type JsonObject } from '@letopis/kernel';
import { type ProjectedEvent } from '@letopis/projections';

/** A personal field as a view keeps it: still encrypted, with what is needed to open it. */
export interface Sealed {
  readonly eventId: string;
  readonly type: string;
  /** Where in `data` the field stands: names of members, `/` between them. */
  readonly field: string;
  /** So much of the event's data as tells the field and the person it is about. */
  readonly data: JsonObject;
}

/** Opens what views keep encrypted. */
export interface PersonalData {
  /**
   * The data of each of `sealed`, in the same order. A field whose key was destroyed stays as it is stored: no string.
   *
   * @throws LetopisError `integrity-broken` where a value is not the one that was sealed there
   */
  open(organizationId: string, sealed: readonly Sealed[]): Promise<readonly JsonObject[]>;
}

/**
 * The personal field of an event, for a `jsonb` column; null where the event has none.
 *
 * @param subject the field that names the person whom it is about
 */
export function sealedOf<Field extends string, Subject extends string>(
  {
    id,
    type,
    data,
  }: ProjectedEvent<
    { readonly [Name in Field]?: string | undefined } & { readonly [Name in Subject]?: string | undefined }
  >,
  field: Field,
  subject: Subject,
): Sealed | null {
  const value: Json | undefined = data[field];
  const about: Json | undefined = data[subject];
  if (value === undefined || about === undefined) return null;
  return { eventId: id, type, field, data: { [subject]: about, [field]: value } };
}
