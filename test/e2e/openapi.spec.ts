import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { publicCommands } from '@letopis/api';
import { readPayload } from '@letopis/platform';
import { school } from '@letopis/school';
import { startApplication, type TestApplication } from '../support/application';

interface Operation {
  readonly operationId: string;
  readonly summary?: string;
  readonly security?: readonly object[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
  }[];
  readonly requestBody?: {
    readonly content: Readonly<
      Record<string, { readonly schema: object; readonly example?: { readonly payload: object } }>
    >;
  };
  readonly responses: Readonly<Record<string, { readonly description?: string }>>;
}

interface OpenApi {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: object;
}

const commands = publicCommands(school);

describe('the description of the API', () => {
  let app: TestApplication;
  let api: OpenApi;

  beforeAll(async () => {
    app = await startApplication();
    ({ body: api } = await app.withAuthorization(undefined).get<OpenApi>('/openapi.json'));
  }, 60_000);

  afterAll(() => app.stop());

  const operations = (): readonly (readonly [string, Operation])[] =>
    Object.entries(api.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => [`${method} ${path}`, operation] as const),
    );

  const commandOperation = (name: string): Operation | undefined =>
    api.paths[`/v1/organizations/{organizationId}/commands/${name}`]?.post;

  it('is OpenAPI 3.1 with what every document must have', () => {
    expect(api.openapi).toMatch(/^3\.1\.\d+$/);
    expect(api.info).toMatchObject({ title: expect.any(String), version: expect.any(String) });
    for (const [where, operation] of operations()) {
      expect([where, Object.keys(operation.responses).length]).not.toEqual([where, 0]);
      for (const response of Object.values(operation.responses)) expect(response.description).toBeDefined();
    }
  });

  it('names each operation once', () => {
    const ids = operations().map(([, { operationId }]) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('declares every parameter of every path', () => {
    for (const [where, { parameters = [] }] of operations()) {
      const inPath = [...where.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const declared = parameters.filter((parameter) => parameter.in === 'path');
      expect([where, declared.map(({ name }) => name).sort()]).toEqual([where, inPath.sort()]);
      expect(declared.every(({ required }) => required === true)).toBe(true);
    }
  });

  it('refers to nothing that is not there', () => {
    const references = [...JSON.stringify(api).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(
      ([, path = '']) => path,
    );
    expect(references.length).toBeGreaterThan(0);
    for (const path of references) {
      const found = path
        .split('/')
        .reduce<unknown>(
          (at, name) => (typeof at === 'object' && at !== null ? Reflect.get(at, name) : undefined),
          api,
        );
      expect([path, found]).not.toEqual([path, undefined]);
    }
  });

  it('has an operation for each command that people issue, and for no other', () => {
    const found = Object.keys(api.paths)
      .map((path) => /\/commands\/(\w+)$/.exec(path)?.[1])
      .filter((name) => name !== undefined);
    expect(found.sort()).toEqual(commands.map(({ name }) => name).sort());
  });

  describe.each(commands.map((command) => [command.name, command] as const))('%s', (name, command) => {
    it('has an operation with schema, example and security', () => {
      const operation = commandOperation(name);
      expect(operation).toMatchObject({
        operationId: name,
        summary: command.titleRu,
        security: [{ bearer: [] }],
        requestBody: { content: { 'application/json': { example: { payload: command.example } } } },
      });
      expect(Object.keys(operation?.responses ?? {})).toEqual(
        expect.arrayContaining(['200', '201', '400', '401', '403', '409', '422']),
      );
    });

    it('has an example that the payload’s validation accepts', () => {
      expect(() => readPayload(command.payload, command.example)).not.toThrow();
    });

    it('has a JSON Schema that is valid and accepts the example', () => {
      const ajv = new Ajv2020({ strict: true, allErrors: true });
      addFormats(ajv);
      const content = commandOperation(name)?.requestBody?.content['application/json'];
      const validate = ajv.compile(content?.schema ?? {});

      validate(content?.example);

      expect(validate.errors).toBeNull();
    });
  });

  it('is shown by Swagger UI, without anything from elsewhere', async () => {
    const reader = app.withAuthorization(undefined);

    const page = await reader.send('GET', '/docs');
    const script = await reader.send('GET', '/docs/swagger-ui-bundle.js');

    expect(page.status).toBe(200);
    expect(page.text).toContain('swagger-ui');
    expect(page.text).not.toMatch(/(src|href)="https?:/);
    expect(script.status).toBe(200);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
  });
});
