import { LetopisError } from '@letopis/kernel';

export type OptionValues = Readonly<Record<string, string | boolean | undefined>>;

export interface CliCommand {
  readonly name: string;
  readonly about: string;
  /** The value that is given without an option, where one may be. */
  readonly operand?: { readonly name: string; readonly about: string };
  readonly options: Readonly<Record<string, { readonly type: 'string' | 'boolean'; readonly about: string }>>;
  run(values: OptionValues): Promise<void>;
}

/** The text of an option. */
export function textOf(values: OptionValues, name: string): string | undefined {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
}

/** The whole number of an option. @throws LetopisError `invalid` */
export function integerOf(
  values: OptionValues,
  name: string,
  otherwise: number,
  min: number,
  max: number,
): number {
  const text = textOf(values, name);
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new LetopisError(
      'invalid',
      `--${name} must be a whole number from ${min} to ${max}, not "${text}"`,
    );
  }
  return value;
}
