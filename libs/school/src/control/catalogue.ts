/** Ids of the controls: C01 to C34. What they are is declared where they are evaluated. */
export const CONTROL_IDS: readonly string[] = Array.from(
  { length: 34 },
  (_, index) => `C${String(index + 1).padStart(2, '0')}`,
);

/** Methods of a check, as the report on it names them in Russian. */
export const CHECK_METHODS = {
  documents: 'изучение документов',
  records: 'анализ журналов и реестров',
  observation: 'наблюдение',
  conversation: 'беседа',
  survey: 'опрос',
} as const;
export type CheckMethod = keyof typeof CHECK_METHODS;
