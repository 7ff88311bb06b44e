import { type Projection } from '@letopis/projections';
import { chatsRegister } from './f02-chats';
import { invitationsRegister } from './f03-invitations';
import { movementsProjection, movementsRegister } from './f05-movements';
import { violationsProjection, violationsRegister } from './f07-violations';
import { publicationsProjection, publicationsRegister } from './f09-publications';
import { sessionsProjection, sessionsRegister } from './f10-sessions';
import { destructionsProjection, destructionsRegister } from './f11-destruction';
import { acknowledgementsProjection, acknowledgementsRegister } from './f12-acknowledgements';
import { consentsProjection, consentsRegister } from './f13-consents';
import { chatsProjection } from './chats.projection';
import { groupsProjection } from './groups.projection';
import { peopleProjection } from './people.projection';
import { type Register } from './register';

/** Every register, by its form. */
export const registers: readonly Register[] = [
  chatsRegister,
  invitationsRegister,
  movementsRegister,
  violationsRegister,
  publicationsRegister,
  sessionsRegister,
  destructionsRegister,
  acknowledgementsRegister,
  consentsRegister,
];

/** The views that registers read, besides those of the school itself. */
export const registerProjections: readonly Projection[] = [
  peopleProjection,
  groupsProjection,
  chatsProjection,
  movementsProjection,
  violationsProjection,
  publicationsProjection,
  sessionsProjection,
  destructionsProjection,
  acknowledgementsProjection,
  consentsProjection,
];
