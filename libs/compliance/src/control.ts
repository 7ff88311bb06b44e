import { type ControlHeading } from './declared-controls';
import { type Parameter, type Parameters, type ParameterValue } from './parameters';
import { type Rule } from './rules';

/** A duty of the regulation, and the rules that show whether it is kept. */
export interface Control extends ControlHeading {
  /** Grows whenever its marks or judgements change, so that a report says by what it was made. */
  readonly version: number;
  readonly parameters: Parameters;
  readonly rules: readonly Rule[];
}

/** Declares a parameter of a control. */
export function parameter<Value extends ParameterValue>(
  titleRu: string,
  value: Value,
  law?: string,
): Parameter<Value> {
  return { titleRu, value, ...(law !== undefined && { law }) };
}

/** Declares a control. Rules can name its own parameters only. */
export function control<Name extends string>(
  declaration: Omit<Control, 'parameters' | 'rules'> & {
    readonly parameters: Readonly<Record<Name, Parameter>>;
    readonly rules: readonly Rule<NoInfer<Name>>[];
  },
): Control {
  return declaration;
}
