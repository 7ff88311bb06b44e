import { given, idOf } from '../testing';
import { absence, AbsenceNoticeReceived } from './absence';

const notice = { personId: idOf('pupil'), fromParent: idOf('mother'), date: '2025-11-18' };
const received = AbsenceNoticeReceived.of(notice);

describe('RecordAbsenceNotice', () => {
  it('when a parent lets the school know, then pupil, parent and day are recorded', () => {
    given(absence).when('RecordAbsenceNotice', notice).then([received]);
  });

  it('given the notice, when it is entered again, then nothing is recorded', () => {
    given(absence, [received]).when('RecordAbsenceNotice', notice).thenNothing();
  });

  it.each([
    ['the other parent', { fromParent: idOf('father') }],
    ['another day', { date: '2025-11-19' }],
  ])('given the notice, when one of %s comes, then it is recorded too', (_what, change) => {
    given(absence, [received])
      .when('RecordAbsenceNotice', { ...notice, ...change })
      .then([AbsenceNoticeReceived.of({ ...notice, ...change })]);
  });
});
