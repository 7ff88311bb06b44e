import { type Person } from './people';
import { type Issued } from './year';

/** A time in which nobody writes in a chat. */
export interface Silence {
  /** It begins with the first message after this instant. */
  readonly after: number;
  readonly days: number;
  /** Called with the last message before it and the first after it. */
  readonly broken: (last: Issued, first: Issued) => void;
}

/** What was written in a chat since the last month began. */
export class Talk {
  count = 0;
  readonly senders = new Set<Person>();
  last?: Issued;
  silence?: Silence;
}
