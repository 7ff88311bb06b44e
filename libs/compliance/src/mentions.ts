/** What a finding can be about, or an explanation can name. */
export const SUBJECT_KINDS = [
  'organization',
  'person',
  'account',
  'chat',
  'group',
  'channel',
  'link',
  'act',
  'request',
  'incident',
  'violation',
  'check',
  'session',
  'material',
  'period',
] as const;
export type SubjectKind = (typeof SUBJECT_KINDS)[number];

/** Something that an explanation names. */
export interface Mention {
  readonly kind: SubjectKind;
  readonly id: string;
}

const TOKEN = /\[\[([a-z]+):([^\]\s]+)\]\]/g;

/**
 * A place in a Russian text where the name of something goes: `[[person:0b9c…]]`. Names lie encrypted, and not every
 * reader may see them; so texts are kept with such places and filled for each reader by `withNames`.
 */
export function mention(kind: SubjectKind, id: string): string {
  return `[[${kind}:${id}]]`;
}

/** Everything that the texts mention, each once. */
export function mentionsIn(texts: Iterable<string>): readonly Mention[] {
  const found = new Map<string, Mention>();
  for (const text of texts) {
    for (const [token, kind, id] of text.matchAll(TOKEN)) {
      const known = SUBJECT_KINDS.find((candidate) => candidate === kind);
      if (known !== undefined && id !== undefined) found.set(token, { kind: known, id });
    }
  }
  return [...found.values()];
}

/** The text as a reader sees it: each mention in the words of `nameOf`. */
export function withNames(text: string, nameOf: (mention: Mention) => string): string {
  return text.replace(TOKEN, (token, kind: string, id: string) => {
    const known = SUBJECT_KINDS.find((candidate) => candidate === kind);
    return known === undefined ? token : nameOf({ kind: known, id });
  });
}

const NAMELESS: Readonly<Record<SubjectKind, string>> = {
  organization: 'организация',
  person: 'участник',
  account: 'аккаунт',
  chat: 'чат',
  group: 'группа',
  channel: 'канал',
  link: 'ссылка-приглашение',
  act: 'локальный акт',
  request: 'обращение',
  incident: 'инцидент',
  violation: 'сообщение о нарушении',
  check: 'проверка',
  session: 'занятие или трансляция',
  material: 'материал',
  period: 'период',
};

/** What is mentioned, for a reader who must not see its name or for whom there is none: «участник 3f2a1b0c». */
export function namelessly({ kind, id }: Mention): string {
  return kind === 'organization' ? NAMELESS[kind] : `${NAMELESS[kind]} ${id.slice(0, 8)}`;
}
