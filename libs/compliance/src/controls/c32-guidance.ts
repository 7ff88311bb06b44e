import { GuidancePublished, PLATFORM_ROLES, type PlatformRole, TrainingAttended } from '@letopis/school';
import { byDay, days, workingDays } from '../calendar';
import { control, parameter } from '../control';
import { headingOf } from '../declared-controls';
import { on, textOf } from '../marks';
import { cadence, rule } from '../rules';

const AUDIENCES: Readonly<Record<PlatformRole, string>> = {
  teacher: 'педагогов',
  student: 'обучающихся',
  parent: 'родителей (законных представителей)',
};

/**
 * Guidance and training: rights of the participants, so all findings are advice. A school that publishes nothing of its
 * own and records no training is not spoken of: guidance stands on the platform's site, and nobody has to attend a seminar.
 *
 * What the record cannot show: whether guidance is still to be had, or whether each teacher who wanted to go was let go.
 * Outages (4.1) are the platform's, and break no duty of the school.
 */
export const guidanceAndTraining = control({
  ...headingOf('C32'),
  version: 1,
  parameters: {
    guidanceBy: parameter(
      'К какому сроку публикуются инструкции для каждой категории участников',
      byDay('08-31', workingDays(5)),
    ),
    trainingEvery: parameter('Как часто педагоги посещают семинары и вебинары', days(365)),
  },
  rules: [
    rule({
      id: 'guidance-for-each-audience',
      about: 'organization',
      manner: 'duty',
      within: 'guidanceBy',
      marks: {
        published: [
          on(GuidancePublished, ({ organizationId, data: { audience } }) => ({
            subject: organizationId,
            detail: { audience },
          })),
        ],
      },
      evidence: ['published'],
      spans: (marks) => {
        const [first] = marks;
        if (first === undefined) return [];
        return PLATFORM_ROLES.flatMap((audience) => {
          const until = marks.find((mark) => ['all', audience].includes(textOf(mark, 'audience') ?? ''));
          if (until === first) return [];
          const what = `опубликовать инструкцию для ${AUDIENCES[audience]} (рекомендация)`;
          return [{ from: first, key: audience, what, ...(until !== undefined && { until }) }];
        });
      },
    }),
    cadence({
      id: 'training-held',
      about: 'organization',
      duty: 'направить педагогов на семинар или вебинар (рекомендация)',
      every: 'trainingEvery',
      starts: [],
      happens: [
        on(TrainingAttended, ({ organizationId, data: { date } }) => ({
          subject: organizationId,
          // An hour of that day in every time zone of Russia.
          at: `${date}T09:00:00.000Z`,
        })),
      ],
      startsByItself: true,
      many: true,
    }),
  ],
});
