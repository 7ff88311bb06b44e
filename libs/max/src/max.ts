import { type CommandService, type Core } from '@letopis/platform';
import { BotApis, type BotApiOptions } from './bot-api';
import { MaxBots } from './bots';
import { MaxConnections } from './connections';
import { MaxIntake } from './intake';
import { MaxQuarantine } from './quarantine';
import { MaxRosters } from './rosters';
import { MaxSubscriptions } from './subscriptions';
import { MaxWebhook } from './webhook';

/** The connector of MAX, put together. */
export interface Max {
  readonly bots: MaxBots;
  readonly connections: MaxConnections;
  readonly quarantine: MaxQuarantine;
  readonly intake: MaxIntake;
  readonly webhook: MaxWebhook;
  readonly subscriptions: MaxSubscriptions;
  readonly rosters: MaxRosters;
}

/** What of the platform the connector needs. */
export interface MaxParts extends Pick<Core, 'database' | 'views' | 'masterKey' | 'clock' | 'log'> {
  readonly commands: Pick<CommandService, 'executeAll'>;
}

/** Opens nothing: everything rests on the platform's connections. */
export function openMax(core: MaxParts, options: Partial<BotApiOptions> = {}): Max {
  const { database, masterKey } = core;
  const bots = new MaxBots(database, masterKey);
  const connections = new MaxConnections(database, masterKey);
  const quarantine = new MaxQuarantine(database, masterKey);
  const intake = new MaxIntake({ ...core, quarantine });
  const apis = new BotApis(options);
  const parts = { ...core, bots, connections, intake, apis };
  return {
    bots,
    connections,
    quarantine,
    intake,
    webhook: new MaxWebhook(parts),
    subscriptions: new MaxSubscriptions(parts),
    rosters: new MaxRosters(parts),
  };
}
