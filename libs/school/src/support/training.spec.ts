import { given, idOf } from '../testing';
import { training, TrainingAttended } from './training';

const record = { personId: idOf('Maria'), topic: 'Учебный профиль', date: '2025-10-29', hours: 2 };
const attended = TrainingAttended.of(record);

describe('RecordTraining', () => {
  it('when a teacher attended a webinar, then topic, day and hours are recorded', () => {
    given(training).when('RecordTraining', record).then([attended]);
  });

  it('given it is on record, when it is entered again, then nothing is recorded', () => {
    given(training, [attended]).when('RecordTraining', record).thenNothing();
  });

  it('given it is on record, when a certificate comes, then that is recorded too', () => {
    const certificateRef = '№ 88 от 30.10.2025';
    given(training, [attended])
      .when('RecordTraining', { ...record, certificateRef })
      .then([TrainingAttended.of({ ...record, certificateRef })]);
  });
});
