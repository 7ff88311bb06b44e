import { commandOf, given, problemsOf } from '../testing';
import { StudyTermsApproved, studyTerms } from './study-terms';

const terms = [
  { from: '2025-09-01', to: '2025-12-28' },
  { from: '2026-01-12', to: '2026-05-26' },
];
const calendar = { schoolYear: '2025/2026', orderRef: '№ 328', terms };
const approved = StudyTermsApproved.of(calendar);

describe('ApproveStudyTerms', () => {
  it('given nothing, when the terms are approved, then they are recorded', () => {
    given(studyTerms).when('ApproveStudyTerms', calendar).then([approved]);
  });

  it.each([
    ['all of the school year', [{ from: '2025-07-01', to: '2026-06-30' }]],
    ['a single day', [{ from: '2025-09-01', to: '2025-09-01' }]],
    [
      'terms without holidays between them',
      [
        { from: '2025-09-01', to: '2025-12-28' },
        { from: '2025-12-29', to: '2026-05-26' },
      ],
    ],
  ])('given nothing, when they are %s, then they are recorded', (_what, other) => {
    given(studyTerms)
      .when('ApproveStudyTerms', { ...calendar, terms: other })
      .then([StudyTermsApproved.of({ ...calendar, terms: other })]);
  });

  it.each([
    ['begins before the school year', [{ from: '2025-06-30', to: '2025-12-28' }], '0/from'],
    ['ends after the school year', [{ from: '2025-09-01', to: '2026-07-01' }], '0/to'],
    ['ends before it begins', [{ from: '2025-09-02', to: '2025-09-01' }], '0/to'],
    ['stands before an earlier one', [...terms].reverse(), '1/from'],
    ['begins on the last day of another', [terms[0], { from: '2025-12-28', to: '2026-05-26' }], '1/from'],
  ])('given a term %s, when they are approved, then that term is not valid', (_what, wrong, path) => {
    given(studyTerms)
      .when('ApproveStudyTerms', { ...calendar, terms: wrong })
      .thenInvalid(`/payload/terms/${path}`);
  });

  it('given they are approved, when the same is approved again, then nothing is recorded', () => {
    given(studyTerms, [approved]).when('ApproveStudyTerms', calendar).thenNothing();
  });

  it('given they are approved, when the same order says otherwise, then 3.2.0 refuses', () => {
    given(studyTerms, [approved])
      .when('ApproveStudyTerms', { ...calendar, terms: terms.slice(0, 1) })
      .thenRefused('3.2.0', 'one-calendar-an-order');
  });

  it.each([
    ['another order', { orderRef: '№ 12', terms: [{ from: '2025-09-01', to: '2026-05-29' }] }],
    [
      'the same order for another year',
      { schoolYear: '2026/2027', terms: [{ from: '2026-09-01', to: '2027-05-26' }] },
    ],
  ])('given they are approved, when %s has others, then they are recorded', (_what, other) => {
    given(studyTerms, [approved])
      .when('ApproveStudyTerms', { ...calendar, ...other })
      .then([StudyTermsApproved.of({ ...calendar, ...other })]);
  });

  it.each<[object, string]>([
    [{ schoolYear: '2025/2027' }, '/schoolYear'],
    [{ orderRef: ' ' }, '/orderRef'],
    [{ terms: [] }, '/terms'],
    [{ terms: Array.from({ length: 9 }, () => ({ ...terms[0] })) }, '/terms'],
    [{ terms: [{ from: '2025-09-01' }] }, '/terms/0/to'],
    [{ terms: [{ from: '2026-02-30', to: '2026-03-27' }] }, '/terms/0/from'],
  ])('refuses %j', (wrong, path) => {
    const problems = problemsOf(commandOf('ApproveStudyTerms'), { ...calendar, ...wrong });
    expect(problems).toContainEqual(expect.stringMatching(`^${path} `));
  });

  it('is for the director alone', () => {
    expect(commandOf('ApproveStudyTerms').actors).toEqual(['director']);
  });
});
