import { randomUUID } from 'node:crypto';
import { type RegisterPage } from '@letopis/audit';
import { type AnyEvent, newId, type Role } from '@letopis/kernel';
import { type Client, type Reply, type TestApplication } from './application';

/** A school of its own, where events are recorded as they are: what may be decided is none of the views' business. */
export class RecordedSchool {
  constructor(
    protected readonly app: TestApplication,
    readonly organizationId: string,
  ) {}

  static async create(app: TestApplication, timeZone = 'Asia/Yekaterinburg'): Promise<RecordedSchool> {
    return new RecordedSchool(app, await app.createSchool(timeZone));
  }

  /** Records the event, personal data encrypted. */
  async happened(at: string, { type, data }: AnyEvent): Promise<void> {
    const { catalogue, personal, vault, store } = this.app.core;
    const { organizationId } = this;
    const checked = catalogue.check(type, JSON.parse(JSON.stringify(data)));
    const id = newId();
    const place = { organizationId, id, type };
    const keys = await vault.obtain(personal.subjectsOf(place, checked.data));
    await store.append({ organizationId, stream: `test-${randomUUID()}` }, 'no-stream', [
      {
        id,
        type,
        schemaVersion: checked.version,
        occurredAt: at,
        recordedAt: at,
        actor: { id: randomUUID(), role: 'platform_admin' },
        source: 'operator',
        commandId: randomUUID(),
        correlationId: randomUUID(),
        causationId: null,
        data: personal.seal(place, checked.data, keys),
      },
    ]);
  }

  /** Somebody of the school in this role. */
  reader(role: Role = 'director'): Promise<Client> {
    return this.app.as(role, { organizationId: this.organizationId });
  }

  /** The answer to `registers/<query>`, once the views hold everything. */
  async ask<Body = RegisterPage>(query: string, role?: Role): Promise<Reply<Body>> {
    await this.app.core.projections.advance();
    const client = await this.reader(role);
    return client.get<Body>(`registers/${query}`);
  }

  /** The rows of the register; fails the test where the answer is another. */
  async items(query: string, role?: Role): Promise<RegisterPage['items']> {
    const { status, text, body } = await this.ask(query, role);
    if (status !== 200) throw new Error(text);
    return body.items;
  }

  /** Nobody can read any more what was encrypted for this person. */
  async destroyed(subjectId: string): Promise<void> {
    await this.app.core.vault.destroy({ organizationId: this.organizationId, subjectId });
  }
}
