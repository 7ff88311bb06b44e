import { letopis } from '@letopis/api';
import { type Register, registers } from '@letopis/audit';
import {
  type Control,
  controlCatalogue,
  type DeclaredControl,
  declaredControls,
  FORMS_RU,
} from '@letopis/compliance';
import { type Domain } from '@letopis/kernel';
import { EventCatalogue } from '@letopis/platform';
import { type Projection } from '@letopis/projections';
import { CHAPTERS_RU, type Clause, type ClauseKind, CLAUSES } from '@letopis/school';
import { commandsOfPolicies, eventsOfCommands } from './exploration';

/** What the catalogue is made of. */
export interface Parts {
  readonly clauses: readonly Clause[];
  readonly domain: Domain;
  readonly controls: readonly DeclaredControl[];
  readonly evaluated: readonly Pick<Control, 'id' | 'version'>[];
  /** What each form is called while it has no register. */
  readonly forms: Readonly<Record<string, string>>;
  readonly registers: readonly Pick<Register, 'form' | 'nameRu' | 'views'>[];
  readonly views: readonly Pick<Projection, 'name' | 'on'>[];
}

/** The catalogue of the regulation as Letopis carries it out. */
export interface Catalogue {
  /** Markdown. */
  readonly page: string;
  /** What leads nowhere: a sentence for each. It MUST be empty; `letopis docs --check` fails otherwise. */
  readonly hanging: readonly string[];
}

/** The parts that Letopis consists of. */
export function partsOfLetopis(): Parts {
  const { domain } = letopis;
  return {
    clauses: CLAUSES,
    domain,
    controls: declaredControls,
    evaluated: controlCatalogue,
    forms: FORMS_RU,
    registers,
    views: letopis.projections(new EventCatalogue(domain)),
  };
}

/** Clauses of these kinds ask nobody to act: an event that bears on them is enough. */
const DEFINITIONAL: ReadonlySet<ClauseKind> = new Set(['scope', 'basis', 'definition', 'purpose']);

/** Every way from a clause to what shows it, and back. */
export function catalogueOf(parts: Parts): Catalogue {
  const traces = tracesOf(parts);
  const hanging = hangingIn(parts, traces);
  const page = [
    ...INTRODUCTION,
    ...clausesSection(parts),
    ...eventsSection(parts, traces),
    ...policiesSection(parts, traces),
    ...controlsSection(parts),
    ...registersSection(parts),
    ...hangingSection(hanging),
    '',
  ].join('\n');
  return { page, hanging };
}

/** What the declarations do not say by themselves. */
interface Traces {
  readonly eventsByCommand: ReadonlyMap<string, readonly string[]>;
  readonly commandsByPolicy: ReadonlyMap<string, readonly string[]>;
  /** Types of the events that change what a register shows, by its form. */
  readonly eventsByForm: ReadonlyMap<string, ReadonlySet<string>>;
}

function tracesOf({ domain, registers: declared, views }: Parts): Traces {
  const byName = new Map(views.map((view) => [view.name, typesOf(view)]));
  return {
    eventsByCommand: eventsOfCommands(domain),
    commandsByPolicy: commandsOfPolicies(domain),
    eventsByForm: new Map(
      declared.map((register) => [
        register.form,
        new Set(register.views.flatMap((name) => byName.get(name) ?? [])),
      ]),
    ),
  };
}

function hangingIn(parts: Parts, { eventsByCommand, commandsByPolicy, eventsByForm }: Traces): string[] {
  const { clauses, domain, controls, evaluated, forms, registers: declared, views } = parts;
  const { commands, concepts, policies } = domain;
  const events = concepts.flatMap((concept) => concept.events);
  const types = new Set(events.map(({ type }) => type));
  const recorded = new Set([...eventsByCommand.values()].flat());
  const citing = [...commands, ...events, ...controls];
  const ids = new Set(clauses.map(({ id }) => id));
  const cited = (by: readonly { readonly clauses: readonly string[] }[], id: string): boolean =>
    by.some((one) => one.clauses.includes(id));

  return [
    ...clauses.flatMap(({ id, kind }) => [
      ...(cited(commands, id) || DEFINITIONAL.has(kind) ? [] : [`Clause ${id} has no command`]),
      ...(cited(events, id) ? [] : [`Clause ${id} has no event`]),
      ...(cited(controls, id) ? [] : [`Clause ${id} has no control`]),
    ]),
    ...[...new Set(citing.flatMap((one) => one.clauses))]
      .filter((id) => !ids.has(id))
      .map((id) => `There is no clause ${id}, though it is cited`),
    ...commands
      .filter(({ name }) => (eventsByCommand.get(name) ?? []).length === 0)
      .map(({ name }) => `Command ${name} was never seen to record anything`),
    ...[...types]
      .filter((type) => !recorded.has(type))
      .map((type) => `Event ${type} is recorded by no command`),
    ...policies.flatMap(({ name, on }) => [
      ...(types.has(on) ? [] : [`Policy ${name} waits for ${on}, which is not declared`]),
      ...((commandsByPolicy.get(name) ?? []).length > 0
        ? []
        : [`Policy ${name} was never seen to issue anything`]),
      ...(commandsByPolicy.get(name) ?? [])
        .filter((issued) => !commands.some((command) => command.name === issued))
        .map((issued) => `Policy ${name} issues ${issued}, which is not declared`),
    ]),
    ...controls.flatMap(({ id, evidence, shownIn }) => {
      const shown = evidence.filter(({ type }) => types.has(type));
      const fed = 'form' in shownIn ? eventsByForm.get(shownIn.form) : undefined;
      return [
        ...(shown.length > 0 ? [] : [`Control ${id} has no evidence`]),
        ...evidence
          .filter(({ type }) => !types.has(type))
          .map(({ type }) => `Control ${id} rests on ${type}, which is not declared`),
        ...(fed === undefined || shown.some(({ type }) => fed.has(type))
          ? []
          : [`Control ${id} is shown in a register that none of its events feeds`]),
      ];
    }),
    ...evaluated
      .filter(({ id }) => !controls.some((control) => control.id === id))
      .map(({ id }) => `Control ${id} is evaluated, but not declared`),
    ...declared
      .filter(({ form }) => !Object.hasOwn(forms, form))
      .map(({ form }) => `Register ${form} is no form of the regulation`),
    ...declared.flatMap(({ form, views: read }) =>
      read
        .filter((view) => !views.some(({ name }) => name === view))
        .map((view) => `Register ${form} reads the view ${view}, which is not there`),
    ),
  ];
}

const INTRODUCTION = [
  '# Catalogue of the regulation',
  '',
  'Generated by `npm run docs` from the declarations in `libs/`; do not edit. From each clause of the regulation to the',
  'commands that carry it out, the events that they record, the controls that judge them and the registers that show',
  'them, and back.',
  '',
  '- **Commands of a clause**, and **events of a clause**, are those whose declarations cite it. A clause that only says',
  '  what the rest is about (scope, basis, definition, purpose) may have no command: it shows through its events.',
  '- **Which command records which event** is not declared but found out: each command is carried out thousands of times',
  '  on generated histories, and what it recorded is listed here (`apps/cli/src/exploration.ts`).',
  '- **The registers of a clause** are the forms of its controls. **The registers of an event** are those whose views take',
  '  it in: it can change what they show, if only a name.',
  '- A control **not evaluated yet** (пока не вычисляется) is declared and has its evidence on record, but Letopis does not',
  '  judge it and says nothing of it in `GET …/compliance`. A register marked **ещё нет** is not there yet.',
];

function clausesSection({ clauses, domain, controls, registers: declared }: Parts): string[] {
  const events = domain.concepts.flatMap((concept) => concept.events);
  return [
    '',
    '## Clauses',
    ...Object.entries(CHAPTERS_RU).flatMap(([prefix, titleRu]) => [
      '',
      `### ${prefix} ${titleRu}`,
      '',
      ...table(
        ['clause', 'text', 'kind', 'commands', 'events', 'controls', 'registers'],
        clauses
          .filter(({ id }) => id.startsWith(prefix))
          .map(({ id, textRu, kind }) => {
            const judging = controls.filter((control) => cites(control, id));
            return [
              `**${id}**`,
              textRu,
              kind,
              codes(domain.commands.filter((command) => cites(command, id)).map(({ name }) => name)),
              codes(events.filter((event) => cites(event, id)).map(({ type }) => type)),
              list(judging.map((control) => control.id)),
              list(
                [...new Set(judging.flatMap((control) => formsOf(control)))].map((form) =>
                  shown(form, declared),
                ),
              ),
            ];
          }),
      ),
    ]),
  ];
}

function eventsSection({ domain, controls, registers: declared }: Parts, traces: Traces): string[] {
  const { eventsByCommand, commandsByPolicy, eventsByForm } = traces;
  const recordersOf = (type: string): string =>
    list(
      [...eventsByCommand]
        .filter(([, types]) => types.includes(type))
        .map(([command]) => {
          const policies = [...commandsByPolicy].filter(([, issued]) => issued.includes(command));
          return policies.length === 0
            ? `\`${command}\``
            : `\`${command}\` (also by policy ${codes(policies.map(([name]) => name))})`;
        }),
    );
  return [
    '',
    '## Events',
    ...domain.concepts.flatMap(({ titleRu, events }) => [
      '',
      `### ${titleRu}`,
      '',
      ...table(
        ['event', 'what', 'recorded by', 'clauses', 'controls', 'registers'],
        events.map((event) => [
          `\`${event.type}\``,
          event.titleRu,
          recordersOf(event.type),
          list(event.clauses),
          list(controls.filter(({ evidence }) => evidence.includes(event)).map(({ id }) => id)),
          list(
            declared.filter(({ form }) => eventsByForm.get(form)?.has(event.type)).map(({ form }) => form),
          ),
        ]),
      ),
    ]),
  ];
}

function policiesSection({ domain }: Parts, { commandsByPolicy }: Traces): string[] {
  return [
    '',
    '## Policies',
    '',
    'What Letopis does by itself after an event.',
    '',
    ...table(
      ['policy', 'after', 'command'],
      domain.policies.map(({ name, on }) => [
        `\`${name}\``,
        `\`${on}\``,
        codes(commandsByPolicy.get(name) ?? []),
      ]),
    ),
  ];
}

function controlsSection({ controls, evaluated, registers: declared }: Parts): string[] {
  return [
    '',
    '## Controls',
    '',
    `${evaluated.length} of ${controls.length} are evaluated.`,
    '',
    ...table(
      ['control', 'название', 'title', 'severity', 'evaluated', 'clauses', 'evidence', 'shown in'],
      controls.map(({ id, title, severity, clauses, evidence, shownIn }) => {
        const evaluation = evaluated.find((control) => control.id === id);
        return [
          `**${id}**`,
          title.ru,
          title.en,
          severity,
          evaluation === undefined
            ? 'not evaluated yet (пока не вычисляется)'
            : `yes, version ${evaluation.version}`,
          list(clauses),
          codes(evidence.map(({ type }) => type)),
          'form' in shownIn ? shown(shownIn.form, declared) : shownIn.papersRu,
        ];
      }),
    ),
  ];
}

function registersSection({ forms, registers: declared, controls, views }: Parts): string[] {
  const read = views.filter(({ name }) => declared.some((register) => register.views.includes(name)));
  return [
    '',
    '## Registers',
    '',
    ...table(
      ['form', 'название', 'controls', 'views'],
      Object.entries(forms).map(([form, nameRu]) => {
        const register = declared.find((one) => one.form === form);
        return [
          `**${form}**`,
          register?.nameRu ?? `${nameRu} (ещё нет)`,
          list(controls.filter((control) => formsOf(control).includes(form)).map(({ id }) => id)),
          codes(register?.views ?? []),
        ];
      }),
    ),
    '',
    '### Views of the registers',
    '',
    ...table(
      ['view', 'registers', 'events'],
      read.map((view) => [
        `\`${view.name}\``,
        list(declared.filter((register) => register.views.includes(view.name)).map(({ form }) => form)),
        codes(typesOf(view)),
      ]),
    ),
  ];
}

function hangingSection(hanging: readonly string[]): string[] {
  return [
    '',
    '## Left hanging',
    '',
    ...(hanging.length === 0
      ? [
          'Nothing: each clause has a command, or an event where it only defines; each clause has a control; each event is',
          'recorded by a command; each control rests on events that are recorded.',
        ]
      : hanging.map((sentence) => `- ${sentence}`)),
  ];
}

/** Types of the events that a view takes in. */
function typesOf({ on }: Pick<Projection, 'on'>): readonly string[] {
  return [...new Set(on.flatMap(({ types }) => types))];
}

function cites({ clauses }: { readonly clauses: readonly string[] }, id: string): boolean {
  return clauses.includes(id);
}

function formsOf({ shownIn }: DeclaredControl): readonly string[] {
  return 'form' in shownIn ? [shownIn.form] : [];
}

function shown(form: string, declared: Parts['registers']): string {
  return declared.some((register) => register.form === form) ? form : `${form} (ещё нет)`;
}

function table(headings: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(headings), line(headings.map(() => '---')), ...rows.map(line)];
}

function list(items: readonly string[]): string {
  return items.length === 0 ? '—' : items.join(', ');
}

function codes(names: readonly string[]): string {
  return list(names.map((name) => `\`${name}\``));
}
