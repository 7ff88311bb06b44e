import { given, idOf } from '../testing';
import { outage, ServiceOutageEnded, ServiceOutageReported } from './outage';

const outageId = idOf('outage');
const pupil = { id: idOf('pupil'), role: 'student' };
const teacher = { id: idOf('Maria'), role: 'teacher' };
const reported = ServiceOutageReported.of({
  outageId,
  from: '2025-11-17T04:00:00.000Z',
  scope: 'Не открываются чаты',
  reportedBy: pupil.id,
});

describe('ReportOutage', () => {
  const report = { outageId, from: '2025-11-17T09:00:00+05:00', scope: 'Не открываются чаты' };

  it('when a pupil reports an outage, then since when, what and by whom is recorded', () => {
    given(outage).when('ReportOutage', report, { actor: pupil }).then([reported]);
  });

  it('given the report, when it comes again, then nothing is recorded', () => {
    given(outage, [reported]).when('ReportOutage', report, { actor: pupil }).thenNothing();
  });

  it('given the report, when somebody else reports the same, then that is recorded too', () => {
    given(outage, [reported])
      .when('ReportOutage', report, { actor: teacher })
      .then([ServiceOutageReported.of({ ...reported.data, reportedBy: teacher.id })]);
  });
});

describe('EndOutage', () => {
  const end = { outageId, to: '2025-11-17T11:30:00+05:00' };
  const ended = ServiceOutageEnded.of({ outageId, to: '2025-11-17T06:30:00.000Z' });

  it.each([
    ['the outage', [reported]],
    ['no such outage', []],
  ])('given %s, when it ends, then since when is recorded', (_what, events) => {
    given(outage, events).when('EndOutage', end).then([ended]);
  });

  it('given its end, when it comes again, then nothing is recorded', () => {
    given(outage, [reported, ended]).when('EndOutage', end).thenNothing();
  });

  it('given its end, when another end is entered, then that is recorded too', () => {
    given(outage, [reported, ended])
      .when('EndOutage', { ...end, to: '2025-11-17T07:00:00Z' })
      .then([ServiceOutageEnded.of({ outageId, to: '2025-11-17T07:00:00.000Z' })]);
  });
});
