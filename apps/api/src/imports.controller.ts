import { Controller, Get, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import {
  IMPORT_KINDS,
  IMPORTERS,
  importKinds,
  ImportService,
  MAX_FILE_BYTES,
  MEDIA_TYPES,
  TEMPLATE_FORMATS,
  templateOf,
} from '@letopis/imports';
import { LetopisError } from '@letopis/kernel';
import { Access, callerOf } from '@letopis/platform';
import { QueryReader, uuidOf } from './requests';

/** Media types of the files that are taken; their content tells which of both a file is. */
export const IMPORT_MEDIA_TYPES = ['text/csv', MEDIA_TYPES.xlsx] as const;

/** Files that schools have: asked for with a body, carried out by a job. */
@Controller('v1/organizations/:organizationId/imports')
export class ImportsController {
  constructor(@Inject(ImportService) private readonly imports: ImportService) {}

  @Get('templates/:kind')
  @Access({ roles: IMPORTERS })
  async template(
    @Param('organizationId') organization: string,
    @Param('kind') name: string,
    @Query() query: Record<string, unknown>,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    uuidOf(organization, '/organizationId');
    const read = new QueryReader(query);
    const format = read.oneOf('format', TEMPLATE_FORMATS) ?? 'xlsx';
    read.end();
    const kind = IMPORT_KINDS.find((candidate) => candidate === name);
    if (kind === undefined)
      throw new LetopisError('not-found', `Templates are there for: ${IMPORT_KINDS.join(', ')}`);
    await reply
      .type(MEDIA_TYPES[format])
      .header('content-disposition', `attachment; filename="${kind}.${format}"`)
      .send(await templateOf(importKinds[kind], format));
  }

  @Post()
  @Access({ roles: IMPORTERS })
  async request(
    @Param('organizationId') organization: string,
    @Query() query: Record<string, unknown>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const organizationId = uuidOf(organization, '/organizationId');
    const read = new QueryReader(query);
    const kind = read.required('kind', read.oneOf('kind', IMPORT_KINDS));
    const dryRun = read.oneOf('dryRun', ['true', 'false']) === 'true';
    const sheet = read.text('sheet', 100);
    read.end();
    if (!(request.body instanceof Readable)) {
      throw new LetopisError(
        'invalid',
        `A file is sent with Content-Type: ${IMPORT_MEDIA_TYPES.join(' or ')}`,
      );
    }
    const file = await bytesOf(request.body, Number(request.headers['content-length'] ?? 0));
    const caller = callerOf(request);
    const importId = await this.imports.accept({ organizationId, kind, dryRun, sheet, caller }, file);
    await this.imports.queue(importId);
    await reply
      .status(202)
      .header('location', `/v1/organizations/${organizationId}/imports/${importId}`)
      .send({ importId });
  }

  @Get(':importId')
  @Access({ roles: IMPORTERS })
  read(@Param('organizationId') organizationId: string, @Param('importId') importId: string) {
    return this.imports.read(uuidOf(organizationId, '/organizationId'), uuidOf(importId, '/importId'));
  }
}

/** @throws LetopisError `too-large`; what is too much is read and thrown away, so that the answer gets through */
async function bytesOf(body: Readable, announced: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = announced > MAX_FILE_BYTES ? announced : 0;
  const chunks: AsyncIterable<Buffer> = body.iterator({ destroyOnReturn: false });
  if (size <= MAX_FILE_BYTES) {
    for await (const chunk of chunks) {
      size += chunk.length;
      if (size > MAX_FILE_BYTES) break;
      pieces.push(chunk);
    }
  }
  if (size <= MAX_FILE_BYTES) return Buffer.concat(pieces);
  body.resume();
  throw new LetopisError('too-large', `A file may have ${MAX_FILE_BYTES / 1024 / 1024} MiB`);
}
