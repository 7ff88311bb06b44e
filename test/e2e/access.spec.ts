import { PATH_METADATA, METHOD_METADATA } from '@nestjs/common/constants';
import { RequestMethod } from '@nestjs/common';
import { MetadataScanner, ModulesContainer } from '@nestjs/core';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type FastifyInstance, type InjectOptions } from 'fastify';
import { randomUUID } from 'node:crypto';
import { createApplication } from '@letopis/api';
import { type Role, ROLES } from '@letopis/kernel';
import { ACCESS_RULE } from '@letopis/platform';
import { school } from '@letopis/school';
import { startApplication, type TestApplication } from '../support/application';

/** Everyone whom a token can name. */
const CALLERS = ROLES.filter((role) => role !== 'system');

const PARTICIPANTS: readonly Role[] = [
  'director',
  'deputy',
  'platform_admin',
  'curator',
  'teacher',
  'student',
  'parent',
  'pdn_officer',
];
const RECORD: readonly Role[] = [
  'director',
  'deputy',
  'platform_admin',
  'pdn_officer',
  'inspector',
  'investigator',
];
const COMPLIANCE: readonly Role[] = [...RECORD, 'founder'];
const ORGANIZATION = '/v1/organizations/:organizationId';

const NAMES: readonly Role[] = ['director', 'deputy', 'platform_admin', 'pdn_officer'];
const IMPORTS: readonly Role[] = ['director', 'deputy', 'platform_admin'];
const REPORTS: readonly Role[] = [...NAMES, 'inspector', 'founder'];
const FOUNDERS: readonly Role[] = ['founder', 'operator'];
const NOTIFICATIONS: readonly Role[] = ['director', 'deputy', 'platform_admin'];
const NOTIFICATION_SETTINGS: readonly Role[] = ['director', 'platform_admin'];

/** Who may call what. A route that is not here is not to be. */
const TABLE: Readonly<Record<string, 'public' | 'secret' | readonly Role[]>> = {
  'GET /health/live': 'public',
  'GET /health/ready': 'public',
  'GET /metrics': 'public',
  'POST /v1/organizations': ['operator'],
  'GET /v1/organizations': ['operator'],
  'GET /v1/compliance': FOUNDERS,
  [`GET ${ORGANIZATION}`]: CALLERS,
  [`POST ${ORGANIZATION}/commands/:commandName`]: PARTICIPANTS,
  [`POST ${ORGANIZATION}/command-batches`]: PARTICIPANTS,
  [`GET ${ORGANIZATION}/audit-trail`]: RECORD,
  [`GET ${ORGANIZATION}/audit-trail/:eventId`]: RECORD,
  [`GET ${ORGANIZATION}/events`]: RECORD,
  [`GET ${ORGANIZATION}/compliance`]: COMPLIANCE,
  [`GET ${ORGANIZATION}/compliance/controls/:controlId`]: COMPLIANCE,
  [`GET ${ORGANIZATION}/compliance/findings`]: COMPLIANCE,
  [`GET ${ORGANIZATION}/compliance/dashboard`]: COMPLIANCE,
  [`POST ${ORGANIZATION}/people/search`]: NAMES,
  [`GET ${ORGANIZATION}/people/:personId`]: NAMES,
  [`GET ${ORGANIZATION}/registers`]: COMPLIANCE,
  [`GET ${ORGANIZATION}/registers/:form`]: COMPLIANCE,
  [`POST ${ORGANIZATION}/imports`]: IMPORTS,
  [`GET ${ORGANIZATION}/imports/:importId`]: IMPORTS,
  [`GET ${ORGANIZATION}/imports/templates/:kind`]: IMPORTS,
  [`GET ${ORGANIZATION}/notifications`]: NOTIFICATIONS,
  [`POST ${ORGANIZATION}/notifications/:notificationId/retry`]: NOTIFICATIONS,
  [`GET ${ORGANIZATION}/notifications/settings/:channel`]: NOTIFICATION_SETTINGS,
  [`PUT ${ORGANIZATION}/notifications/settings/:channel`]: NOTIFICATION_SETTINGS,
  [`POST ${ORGANIZATION}/notifications/settings/:channel/test`]: NOTIFICATION_SETTINGS,
  [`POST ${ORGANIZATION}/reports`]: ['director', 'deputy', 'platform_admin'],
  [`GET ${ORGANIZATION}/reports`]: REPORTS,
  [`GET ${ORGANIZATION}/reports/:reportId`]: REPORTS,
  [`POST ${ORGANIZATION}/reports/:reportId/recompute`]: REPORTS,
  [`GET ${ORGANIZATION}/reports/:reportId/comparison`]: REPORTS,
  [`GET ${ORGANIZATION}/reports/:reportId/document`]: REPORTS,
  'POST /v1/reports': FOUNDERS,
  'GET /v1/reports/:reportId': FOUNDERS,
  'GET /v1/reports/:reportId/document': FOUNDERS,
  'GET /v1/reports/check/:digest': 'public',
  [`POST ${ORGANIZATION}/integrations/max/bots`]: ['platform_admin', 'operator'],
  [`POST ${ORGANIZATION}/integrations/max/webhook`]: 'secret',
  [`GET ${ORGANIZATION}/integrations/max/quarantine`]: ['platform_admin', 'operator'],
};

interface Route {
  readonly name: string;
  readonly rule: unknown;
}

/** Every route of every controller, with its rule. */
function routesOf(app: NestFastifyApplication): readonly Route[] {
  const scanner = new MetadataScanner();
  return [...app.get(ModulesContainer).values()].flatMap(({ controllers }) =>
    [...controllers.values()].flatMap(({ metatype }) => {
      const prototype: object = metatype === null ? {} : Reflect.get(metatype, 'prototype');
      const base: string = Reflect.getMetadata(PATH_METADATA, metatype ?? {}) ?? '';
      return scanner.getAllMethodNames(prototype).flatMap((method) => {
        const handler: object = Reflect.get(prototype, method);
        const path: unknown = Reflect.getMetadata(PATH_METADATA, handler);
        if (typeof path !== 'string') return [];
        const verb: RequestMethod = Reflect.getMetadata(METHOD_METADATA, handler);
        const whole = `/${[base, path]
          .map((part) => part.replace(/^\/|\/$/g, ''))
          .filter(Boolean)
          .join('/')}`;
        return [{ name: `${RequestMethod[verb]} ${whole}`, rule: Reflect.getMetadata(ACCESS_RULE, handler) }];
      });
    }),
  );
}

describe('access to the routes', () => {
  let application: TestApplication;
  let nest: NestFastifyApplication;
  const own = randomUUID();
  const foreign = randomUUID();

  beforeAll(async () => {
    application = await startApplication();
    nest = await createApplication(application.core, application.issuer.verifier, { requestsPerMinute: 0 });
    await nest.getHttpAdapter().getInstance().ready();
  }, 60_000);

  afterAll(async () => {
    await nest.close();
    await application.stop();
  });

  const tokenOf = (role: Role, organizationId: string): Promise<string> =>
    application.issuer.issue({ id: randomUUID(), roles: [role], organizationId }, 600);

  async function statusOf(request: InjectOptions, token?: string): Promise<number> {
    const { statusCode } = await nest.inject({
      ...request,
      headers: { ...request.headers, ...(token !== undefined && { authorization: `Bearer ${token}` }) },
    });
    return statusCode;
  }

  /** A request to a route that changes nothing where it is admitted: there is no such thing, or it is not valid. */
  function requestTo(name: string, organizationId: string): InjectOptions {
    const [method = '', path = ''] = name.split(' ');
    const url = path
      .replace(':organizationId', organizationId)
      .replace(':commandName', 'NoSuchCommand')
      .replace(/:\w+/, randomUUID());
    if (method === 'GET') return { method, url };
    const ndjson = path.endsWith('/command-batches');
    return {
      method: method === 'PUT' ? 'PUT' : 'POST',
      url,
      headers: { 'content-type': ndjson ? 'application/x-ndjson' : 'application/json' },
      payload: ndjson ? '\n' : '{"nobody-expects-this":1}',
    };
  }

  it('given every controller, then its routes are those of the table and each has a rule', () => {
    const routes = routesOf(nest);

    expect(routes.map(({ name }) => name).sort()).toEqual(Object.keys(TABLE).sort());
    expect(routes.filter(({ rule }) => rule === undefined)).toEqual([]);
  });

  it('given the router, then it knows no other routes but those of the description of the API', () => {
    const found = fastifyRoutes(nest.getHttpAdapter().getInstance());

    const described = /^(GET|HEAD) \/(docs|openapi)/;
    const other = found.filter((name) => !described.test(name) && !name.startsWith('HEAD '));
    expect(other.sort()).toEqual(Object.keys(TABLE).sort());
  });

  describe.each(Object.entries(TABLE))('%s', (name, rule) => {
    const scoped = name.includes(':organizationId');

    if (typeof rule === 'string') {
      it('given no token, then nobody asks for one', async () => {
        const status = await statusOf(requestTo(name, own));

        // The webhook asks for its own secret, in the order of its own checks.
        expect(status).toBe(rule === 'secret' ? 401 : 200);
      });
      return;
    }

    it('given no token, then nobody is signed in', async () => {
      expect(await statusOf(requestTo(name, own))).toBe(401);
    });

    it.each(CALLERS)('given the role %s, then it is as the table says', async (role) => {
      const allowed = rule.includes(role);

      const status = await statusOf(requestTo(name, own), await tokenOf(role, own));

      expect(status === 403).toBe(!allowed);
      expect(status).not.toBe(401);
      expect(status).toBeLessThan(500);
    });

    if (!scoped) return;

    it.each(CALLERS)('given the role %s of another organisation, then it is forbidden', async (role) => {
      expect(await statusOf(requestTo(name, foreign), await tokenOf(role, own))).toBe(403);
    });

    it.each(['operator', 'founder'] as const)(
      'given a %s of many, then any organisation will do',
      async (role) => {
        const status = await statusOf(requestTo(name, foreign), await tokenOf(role, '*'));

        expect(status === 403).toBe(!rule.includes(role));
      },
    );

    it('given a director of all organisations, then the token is not accepted', async () => {
      expect(await statusOf(requestTo(name, foreign), await tokenOf('director', '*'))).toBe(401);
    });
  });

  describe.each(school.commands.map(({ name, actors }) => [name, actors] as const))(
    'the command %s',
    (name, actors) => {
      it('given each role, then it is carried out for its actors alone', async () => {
        const admitted: Role[] = [];
        for (const role of CALLERS) {
          const status = await statusOf(
            {
              method: 'POST',
              url: `/v1/organizations/${own}/commands/${name}`,
              headers: { 'content-type': 'application/json' },
              payload: { payload: { 'nobody-expects-this': 1 } },
            },
            await tokenOf(role, own),
          );
          expect([400, 403]).toContain(status);
          if (status === 400) admitted.push(role);
        }

        const callable = PARTICIPANTS.filter((role) => actors.includes(role));
        expect(admitted.sort()).toEqual([...callable].sort());
      });
    },
  );

  it('given a token of several roles, then one of them that may is enough', async () => {
    const token = await application.issuer.issue(
      { id: randomUUID(), roles: ['student', 'director'], organizationId: own },
      600,
    );

    expect(await statusOf(requestTo(`GET ${ORGANIZATION}/audit-trail`, own), token)).toBe(200);
  });

  it('given an organisation spelt in capitals, then it is another organisation', async () => {
    const token = await tokenOf('director', own);

    expect(await statusOf(requestTo(`GET ${ORGANIZATION}/audit-trail`, own.toUpperCase()), token)).toBe(403);
  });
});

/** Method and path of every route that the router knows, from its printed tree. */
function fastifyRoutes(fastify: FastifyInstance): readonly string[] {
  const path: string[] = [];
  return fastify
    .printRoutes({ commonPrefix: false })
    .split('\n')
    .flatMap((line) => {
      const [, indent, part, methods] = /^([│ ]*)[├└]── (\S*) \((.*)\)$/.exec(line) ?? [];
      if (indent === undefined || part === undefined || methods === undefined) return [];
      path.splice(indent.length / 4, path.length, part);
      return methods.split(', ').map((method) => `${method} ${path.join('')}`);
    });
}
