import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, Reflector } from '@nestjs/core';
import { CqrsModule } from '@nestjs/cqrs';
import { calendarFor, ComplianceView, controlCatalogue } from '@letopis/compliance';
import { ImportService } from '@letopis/imports';
import { MaxBots, MaxQuarantine, MaxWebhook, openMax } from '@letopis/max';
import { NotificationService } from '@letopis/notifications';
import { AccessGuard, CommandService, type Core, ProblemFilter, type TokenVerifier } from '@letopis/platform';
import { ReportService } from '@letopis/reports';
import { AuditController } from './audit.controller';
import { BatchesController } from './batches.controller';
import { CommandsController } from './commands.controller';
import { ComplianceController } from './compliance.controller';
import { ImportsController } from './imports.controller';
import { MaxController } from './max.controller';
import { NotificationsController } from './notifications.controller';
import { OperationsController } from './operations.controller';
import { OrganizationsController } from './organizations.controller';
import { PeopleController } from './people.controller';
import { RegistersController } from './registers.controller';
import { ReportsController } from './reports.controller';
import { RunCommandHandler } from './run-command';
import { CORE, PUBLIC_URL } from './tokens';

/** The HTTP edge: composition only. */
@Module({})
export class ApiModule {
  static with(core: Core, tokens: TokenVerifier, publicUrl: string | undefined): DynamicModule {
    const max = openMax(core);
    return {
      module: ApiModule,
      imports: [CqrsModule.forRoot()],
      controllers: [
        CommandsController,
        BatchesController,
        OrganizationsController,
        AuditController,
        ComplianceController,
        PeopleController,
        RegistersController,
        ReportsController,
        ImportsController,
        MaxController,
        NotificationsController,
        OperationsController,
      ],
      providers: [
        RunCommandHandler,
        { provide: CORE, useValue: core },
        { provide: PUBLIC_URL, useFactory: () => publicUrl },
        { provide: CommandService, useValue: core.commands },
        {
          provide: ComplianceView,
          useFactory: () =>
            new ComplianceView({ ...core, calendar: calendarFor(core), catalogue: controlCatalogue }),
        },
        { provide: ReportService, useFactory: () => new ReportService(core) },
        { provide: ImportService, useFactory: () => new ImportService(core) },
        { provide: NotificationService, useFactory: () => new NotificationService(core) },
        { provide: MaxBots, useValue: max.bots },
        { provide: MaxQuarantine, useValue: max.quarantine },
        { provide: MaxWebhook, useValue: max.webhook },
        {
          provide: APP_GUARD,
          inject: [Reflector],
          useFactory: (reflector: Reflector) => new AccessGuard(reflector, tokens),
        },
        { provide: APP_FILTER, useFactory: () => new ProblemFilter(core.log) },
      ],
    };
  }
}
