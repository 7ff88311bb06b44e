import { Type } from '@sinclair/typebox';
import { type Concept, defineCommand, ruleViolated } from '@letopis/kernel';
import { contentOf } from '../content';
import { At, defineEvent, type EventsOf, PersonId, Text } from '../events';
import * as field from '../fields';
import { CONTROL_IDS } from './catalogue';

export const ControlPlanApproved = defineEvent({
  type: 'ControlPlanApproved',
  titleRu: 'Утверждён план контроля',
  clauses: ['3.2.0', '3.2.5'],
  data: {
    schoolYear: Type.String({ pattern: '^\\d{4}/\\d{4}$' }),
    orderRef: Text(200),
    items: Type.Array(
      Type.Object({
        controlIds: Type.Array(Type.String({ pattern: '^C\\d{2}$' })),
        dueAt: At(),
        responsibleId: PersonId(),
        topic: Text(500),
      }),
    ),
  },
});

const events = [ControlPlanApproved] as const;
export type ControlPlanEvent = EventsOf<typeof events>;

type Plan = ReturnType<typeof ControlPlanApproved.of>['data'];

export interface ControlPlans {
  /** Each plan that was approved, in order: of one school year the last is in force. */
  readonly approved: readonly Plan[];
}

/** The plans of control of one organisation; one stream for each organisation, with a plan or two a year. */
export const controlPlans: Concept<ControlPlans, ControlPlanEvent> = {
  name: 'controlplan',
  titleRu: 'План контроля',
  events,
  initial: { approved: [] },
  evolve: (state, event) => {
    switch (event.type) {
      case 'ControlPlanApproved':
        return { approved: [...state.approved, event.data] };
    }
  },
};

/** Whether one item of the plan in force for the school year covers all these controls. */
export function isPlanned(
  { approved }: ControlPlans,
  schoolYear: string,
  controlIds: readonly string[],
): boolean {
  const plan = approved.findLast((one) => one.schoolYear === schoolYear);
  return plan?.items.some((item) => controlIds.every((id) => item.controlIds.includes(id))) === true;
}

class PlanItem {
  @field.ManyOf(CONTROL_IDS, 'Which controls are checked') controlIds!: string[];
  @field.Instant('By when') dueAt!: string;
  @field.PersonId('Who is responsible') responsibleId!: string;
  @field.Text('What the check is about', { max: 500 }) topic!: string;
}

export class ApproveControlPlan {
  @field.SchoolYear('For which school year') schoolYear!: string;
  @field.Text('Number and date of the order; a plan by another order takes the place of this one')
  orderRef!: string;
  @field.ListOf(PlanItem, 'The checks that are planned', { max: 200 }) items!: PlanItem[];
}

export const controlPlanCommands = [
  defineCommand({
    name: 'ApproveControlPlan',
    titleRu: 'Утвердить план контроля',
    about: 'The director approves which controls are checked in a school year, by whom and by when.',
    kind: 'decision',
    clauses: ['3.2.0', '3.2.5'],
    actors: ['director'],
    concept: controlPlans,
    payload: ApproveControlPlan,
    example: {
      schoolYear: '2025/2026',
      orderRef: '№ 340 от 05.09.2025',
      items: [
        {
          controlIds: ['C13', 'C14'],
          dueAt: '2025-10-31T18:00:00+05:00',
          responsibleId: 'c4b3a291-8076-4e5d-9c4b-3a2918070615',
          topic: 'Состав чатов классов',
        },
      ],
    },
    id: (_payload, organizationId) => organizationId,
    decide: (state, { payload }) => {
      const { schoolYear, orderRef } = payload;
      const plan = ControlPlanApproved.of({
        schoolYear,
        orderRef,
        items: payload.items.map((item) => ({ ...item, dueAt: new Date(item.dueAt).toISOString() })),
      });
      const before = state.approved.find((one) => one.schoolYear === schoolYear && one.orderRef === orderRef);
      if (before === undefined) return [plan];
      if (contentOf(before) === contentOf(plan.data)) return [];
      throw ruleViolated(
        '3.2.5',
        'one-plan-an-order',
        'Этим приказом уже утверждён другой план: изменения утвердите новым приказом',
      );
    },
  }),
];
