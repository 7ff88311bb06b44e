import { type Projection } from '@letopis/projections';
import { participationRegister } from './f01-participation';
import { chatsRegister } from './f02-chats';
import { invitationsRegister } from './f03-invitations';
import { joinRequestsRegister } from './f04-join-requests';
import { movementsProjection, movementsRegister } from './f05-movements';
import { controlChecksRegister } from './f06-control-checks';
import { violationsProjection, violationsRegister } from './f07-violations';
import { supportRegister } from './f08-support';
import { publicationsProjection, publicationsRegister } from './f09-publications';
import { sessionsProjection, sessionsRegister } from './f10-sessions';
import { destructionsProjection, destructionsRegister } from './f11-destruction';
import { acknowledgementsProjection, acknowledgementsRegister } from './f12-acknowledgements';
import { consentsProjection, consentsRegister } from './f13-consents';
import { activityProjection } from './activity.projection';
import { chatsProjection } from './chats.projection';
import { controlChecksProjection } from './control-checks.projection';
import { groupsProjection } from './groups.projection';
import { joinRequestsProjection } from './join-requests.projection';
import { participationProjection } from './participation.projection';
import { peopleProjection } from './people.projection';
import { supportProjection } from './support.projection';
import { type Register } from './register';

/** Every register, by its form. */
export const registers: readonly Register[] = [
  participationRegister,
  chatsRegister,
  invitationsRegister,
  joinRequestsRegister,
  movementsRegister,
  controlChecksRegister,
  violationsRegister,
  supportRegister,
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
  participationProjection,
  activityProjection,
  joinRequestsProjection,
  movementsProjection,
  controlChecksProjection,
  violationsProjection,
  supportProjection,
  publicationsProjection,
  sessionsProjection,
  destructionsProjection,
  acknowledgementsProjection,
  consentsProjection,
];
