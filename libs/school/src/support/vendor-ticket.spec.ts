import { given, idOf, NOW } from '../testing';
import { vendorTicket, VendorTicketAnswered, VendorTicketOpened } from './vendor-ticket';

const ticketId = idOf('ticket');
const supportRequestId = idOf('request');
const teacher = { id: idOf('Maria'), role: 'teacher' };
const LATER = '2025-11-18T08:00:00.000Z';
const opened = VendorTicketOpened.of({
  ticketId,
  supportRequestId,
  by: teacher.id,
  sentTo: 'info@sferum.ru',
  at: NOW,
});

describe('OpenVendorTicket', () => {
  const open = { ticketId, supportRequestId };

  it('when a teacher writes to the vendor, then what it is about and the vendor’s address are recorded', () => {
    given(vendorTicket).when('OpenVendorTicket', open, { actor: teacher }).then([opened]);
  });

  it('given the ticket, when it comes again later, then nothing is recorded', () => {
    given(vendorTicket, [opened])
      .when('OpenVendorTicket', open, { actor: teacher, occurredAt: LATER })
      .thenNothing();
  });

  it('given the ticket, when it is about an incident too, then that is recorded too', () => {
    const incidentId = idOf('incident');
    given(vendorTicket, [opened])
      .when('OpenVendorTicket', { ...open, incidentId }, { actor: teacher })
      .then([VendorTicketOpened.of({ ...opened.data, incidentId })]);
  });
});

describe('RecordVendorAnswer', () => {
  const answer = { ticketId, answer: 'Исправлено' };
  const answered = VendorTicketAnswered.of({ ...answer, at: NOW });

  it.each([
    ['the ticket', [opened]],
    ['no such ticket', []],
  ])('given %s, when the vendor answers, then the answer is recorded', (_what, events) => {
    given(vendorTicket, events).when('RecordVendorAnswer', answer).then([answered]);
  });

  it('given the answer, when it comes again later, then nothing is recorded', () => {
    given(vendorTicket, [opened, answered])
      .when('RecordVendorAnswer', answer, { occurredAt: LATER })
      .thenNothing();
  });

  it('given an answer, when the vendor answers otherwise, then that is recorded too', () => {
    given(vendorTicket, [opened, answered])
      .when('RecordVendorAnswer', { ...answer, answer: 'Закрыто' })
      .then([VendorTicketAnswered.of({ ticketId, answer: 'Закрыто', at: NOW })]);
  });
});
