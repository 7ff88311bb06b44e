import { given, idOf, NOW, ORGANIZATION } from '../testing';
import { ControlExceptionGranted, controlExceptions } from './control-exception';

const director = { id: idOf('director'), role: 'director' };
const until = '2026-01-31T13:00:00.000Z';
const exception = { controlId: 'C15', scope: idOf('chat'), until, reason: 'Второй администратор с февраля' };
const granted = ControlExceptionGranted.of({ ...exception, by: director.id });

describe('GrantControlException', () => {
  it('given nothing, when the director grants it for a chat, then who, why and until when are recorded', () => {
    given(controlExceptions)
      .when(
        'GrantControlException',
        { ...exception, until: '2026-01-31T18:00:00+05:00' },
        { actor: director },
      )
      .then([granted]);
  });

  it('given no scope, when it is granted, then it is for the whole organisation', () => {
    given(controlExceptions)
      .when('GrantControlException', { ...exception, scope: undefined }, { actor: director })
      .then([ControlExceptionGranted.of({ ...granted.data, scope: ORGANIZATION })]);
  });

  it('given its end is not ahead, when it is granted, then 3.2.5 refuses', () => {
    given(controlExceptions)
      .when('GrantControlException', { ...exception, until: NOW })
      .thenRefused('3.2.5', 'until-ahead');
  });

  it('given it was granted, when it is granted again, then nothing is recorded', () => {
    given(controlExceptions, [granted])
      .when('GrantControlException', exception, { actor: director })
      .thenNothing();
  });

  it('given it was granted, when it is granted for longer, then that is recorded too', () => {
    const longer = { ...exception, until: '2026-02-28T13:00:00.000Z' };
    given(controlExceptions, [granted])
      .when('GrantControlException', longer, { actor: director })
      .then([ControlExceptionGranted.of({ ...granted.data, until: longer.until })]);
  });
});
