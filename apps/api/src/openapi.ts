import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { type AnyCommand, type Domain, type JsonSchema } from '@letopis/kernel';
import { schemaOfPayload } from '@letopis/school';

const problem = {
  description: 'Why not (RFC 9457)',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};

const schemas = {
  Problem: {
    type: 'object',
    required: ['type', 'title', 'status', 'code', 'detail'],
    properties: {
      type: { type: 'string' },
      title: { type: 'string' },
      status: { type: 'integer' },
      code: { type: 'string' },
      detail: { type: 'string' },
      fields: {
        type: 'array',
        items: { type: 'object', properties: { path: { type: 'string' }, message: { type: 'string' } } },
      },
      clause: { type: 'string', description: 'Clause of the regulation that a refusal rests on' },
      rule: { type: 'string' },
    },
  },
  CommandReply: {
    type: 'object',
    required: ['commandId', 'stream', 'revision', 'position', 'events'],
    properties: {
      commandId: { type: 'string', format: 'uuid' },
      stream: { type: 'string' },
      revision: { type: ['string', 'null'] },
      position: { type: ['string', 'null'], description: 'Pass it as minPosition to read your own write' },
      events: {
        type: 'array',
        items: {
          type: 'object',
          properties: { id: { type: 'string', format: 'uuid' }, type: { type: 'string' } },
        },
      },
    },
  },
} satisfies Record<string, JsonSchema>;

type OperationObject = NonNullable<OpenAPIObject['paths'][string]['post']>;

/** The operation of one command, from its declaration. */
function operationOf(command: AnyCommand): OperationObject {
  const { name, about, titleRu, clauses, actors, kind, payload, example } = command;
  return {
    operationId: name,
    tags: [`${command.concept.titleRu}`],
    summary: titleRu,
    description:
      `${about} Clauses: ${clauses.join(', ')}. For: ${actors.join(', ')}. ` +
      (kind === 'decision' ? 'A decision: a rule may refuse it (422).' : 'A fact: it is always recorded.'),
    security: [{ bearer: [] }],
    parameters: [
      { name: 'organizationId', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } },
      { name: 'Idempotency-Key', in: 'header', schema: { type: 'string', maxLength: 200 } },
      { name: 'X-Correlation-Id', in: 'header', schema: { type: 'string', maxLength: 128 } },
      {
        name: 'If-Match',
        in: 'header',
        schema: { type: 'string' },
        description: 'Expected revision, in quotes',
      },
    ],
    requestBody: {
      required: true,
      content: {
        'application/json': {
          schema: {
            type: 'object',
            required: ['payload'],
            additionalProperties: false,
            properties: {
              payload: schemaOfPayload(payload),
              occurredAt: {
                type: 'string',
                format: 'date-time',
                description: 'When it happened; now when absent',
              },
            },
          },
          example: { payload: example },
        },
      },
    },
    responses: {
      201: {
        description: 'Recorded',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/CommandReply' } } },
      },
      200: {
        description: 'Recorded before: the same answer again',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/CommandReply' } } },
      },
      400: problem,
      401: problem,
      403: problem,
      409: problem,
      422: problem,
      503: problem,
    },
  };
}

/** Commands that people issue over HTTP; those of the system alone have no route to call. */
export function publicCommands({ commands }: Domain): readonly AnyCommand[] {
  return commands.filter(
    ({ actors, name }) => actors.some((role) => role !== 'system') && name !== 'CreateOrganization',
  );
}

/** The OpenAPI 3.1 description: what Nest knows of the routes, and an operation for each command. */
export function openApiOf(app: NestFastifyApplication, domain: Domain): OpenAPIObject {
  const base = SwaggerModule.createDocument(
    app,
    new DocumentBuilder()
      .setTitle('Letopis')
      .setDescription('Event-sourced audit and compliance record of a school that uses ИКОП «Сферум» and MAX')
      .setVersion('1')
      .setOpenAPIVersion('3.1.0')
      .addBearerAuth(undefined, 'bearer')
      .build(),
  );
  const generic = '/v1/organizations/{organizationId}/commands/{commandName}';
  const paths = Object.fromEntries(Object.entries(base.paths).filter(([path]) => path !== generic));
  const commands = Object.fromEntries(
    publicCommands(domain).map((command) => [
      generic.replace('{commandName}', command.name),
      { post: operationOf(command) },
    ]),
  );
  return {
    ...base,
    paths: { ...paths, ...commands },
    components: { ...base.components, schemas: { ...base.components?.schemas, ...schemas } },
  };
}

/** Serves the description at /openapi.json and Swagger UI at /docs. */
export function describeApi(app: NestFastifyApplication, domain: Domain): void {
  SwaggerModule.setup('docs', app, () => openApiOf(app, domain), { jsonDocumentUrl: 'openapi.json' });
}
