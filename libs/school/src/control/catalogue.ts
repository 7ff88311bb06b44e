/** Ids of the controls: C01 to C34. */
export const CONTROL_IDS: readonly string[] = Array.from(
  { length: 34 },
  (_, index) => `C${String(index + 1).padStart(2, '0')}`,
);

/** Clauses of the regulation, and the duties of law beside it (`X.…`), that a finding can cite. */
export const CLAUSE_IDS = [
  ...['1.1', '1.2', '1.3', '2.1', '2.2'],
  ...['3.1.0', '3.1.1', '3.1.2', '3.1.3', '3.1.4', '3.1.5', '3.1.6a', '3.1.6b', '3.1.7', '3.1.8', '3.1.9'],
  ...['3.1.10', '3.1.11', '3.1.12', '3.1.13', '3.1.14', '3.1.15'],
  ...['3.2.0', '3.2.1', '3.2.2', '3.2.3', '3.2.4', '3.2.4a', '3.2.4b', '3.2.4c', '3.2.5'],
  ...['3.3.0', '3.3.1', '3.3.2', '3.3.3', '3.3.3a', '3.3.3b', '3.3.3c', '3.3.4'],
  ...['3.4.0', '3.4.1', '3.4.2', '3.4.3', '3.4.3a', '3.4.3b', '3.4.4'],
  ...['3.5.1', '3.5.2', '3.5.3', '3.5.4', '3.6.1', '3.6.2'],
  ...['4.1', '4.2', '4.3', '4.4', '4.5.1', '4.5.2', '4.5.3', '4.5.4', '4.6.1', '4.6.2', '4.6.3'],
  ...['5.1', 'X.1', 'X.2', 'X.3'],
] as const;

/** Methods of a check, as the report on it names them in Russian. */
export const CHECK_METHODS = {
  documents: 'изучение документов',
  records: 'анализ журналов и реестров',
  observation: 'наблюдение',
  conversation: 'беседа',
  survey: 'опрос',
} as const;
export type CheckMethod = keyof typeof CHECK_METHODS;
