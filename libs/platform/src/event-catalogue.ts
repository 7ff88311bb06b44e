import Ajv2020, { type ErrorObject, type ValidateFunction } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import {
  type Domain,
  type EventType,
  type JsonObject,
  LetopisError,
  type RecordedEvent,
} from '@letopis/kernel';

interface CataloguedEvent {
  readonly eventType: EventType;
  readonly validate: ValidateFunction<JsonObject>;
}

/**
 * Every event type of the domain by its name: what is written must match the schema of its version, what is read is
 * brought to today's version, and what is unknown (written by a newer program) is left as it is.
 */
export class EventCatalogue {
  private readonly byType = new Map<string, CataloguedEvent>();

  constructor({ concepts }: Pick<Domain, 'concepts'>) {
    const ajv = new Ajv2020({ strict: true, allErrors: true, keywords: ['x-person', 'x-personal'] });
    addFormats(ajv);
    for (const { events } of concepts) {
      for (const eventType of events) {
        if (this.byType.has(eventType.type)) {
          throw new LetopisError('invalid', `${eventType.type} is declared twice`);
        }
        this.byType.set(eventType.type, { eventType, validate: ajv.compile<JsonObject>(eventType.schema) });
      }
    }
  }

  get eventTypes(): EventType[] {
    return [...this.byType.values()].map(({ eventType }) => eventType);
  }

  find(type: string): EventType | undefined {
    return this.byType.get(type)?.eventType;
  }

  /** @throws LetopisError `invalid` where data of the type's present version does not match its schema */
  check(type: string, data: unknown): { readonly version: number; readonly data: JsonObject } {
    const known = this.byType.get(type);
    if (known === undefined) throw new LetopisError('invalid', `${type} is no event type`);
    if (!known.validate(data)) {
      throw new LetopisError('invalid', `The data of ${type} does not match its schema`, {
        fields: (known.validate.errors ?? []).map(fieldProblem),
      });
    }
    return { version: known.eventType.version, data };
  }

  /** The event with its data brought to today's version. */
  upcast<E extends Pick<RecordedEvent, 'type' | 'schemaVersion' | 'data'>>(event: E): E {
    const eventType = this.find(event.type);
    if (eventType === undefined || event.schemaVersion >= eventType.version) return event;
    let data: JsonObject = event.data;
    for (let version = event.schemaVersion; version < eventType.version; version += 1) {
      const upcaster = eventType.upcasters[version];
      if (upcaster === undefined) {
        throw new LetopisError('integrity-broken', `${event.type} has no upcaster from version ${version}`);
      }
      data = upcaster(data);
    }
    return { ...event, data, schemaVersion: eventType.version };
  }
}

function fieldProblem({ instancePath, message, params }: ErrorObject): { path: string; message: string } {
  const extra: unknown = params.additionalProperty;
  return {
    path: typeof extra === 'string' ? `${instancePath}/${extra}` : instancePath,
    message: message ?? 'is wrong',
  };
}
