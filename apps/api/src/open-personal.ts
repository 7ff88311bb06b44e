import { type PersonalData } from '@letopis/audit';
import { type Role } from '@letopis/kernel';
import { type Core } from '@letopis/platform';

/** Who sees names and other personal data, in registers and of one person. */
export const SEE_NAMES: readonly Role[] = ['director', 'deputy', 'platform_admin', 'pdn_officer'];

/** Opens what views keep encrypted, with the keys of the people whom it is about: one look at the vault for all of it. */
export function personalDataOf({ personal, vault }: Pick<Core, 'personal' | 'vault'>): PersonalData {
  return {
    open: async (organizationId, sealed) => {
      const parts = sealed.map(({ eventId, type, data }) => ({
        place: { organizationId, id: eventId, type },
        data,
      }));
      const keys = await vault.find(parts.flatMap(({ place, data }) => personal.subjectsOf(place, data)));
      return parts.map(({ place, data }) => personal.open(place, data, keys));
    },
  };
}
