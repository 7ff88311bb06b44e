import { derivedId } from '@letopis/kernel';
import {
  type FamilyName,
  familyName,
  type Gender,
  childName,
  nameOf,
  parentName,
  type PersonName,
} from './names';
import { Random } from './random';
import { type YearParameters } from './year';

/** Somebody of the school. What changes during the year changes here. */
export interface Person {
  readonly id: string;
  readonly gender: Gender;
  name: PersonName;
  /** Pseudonym of the person's account of the messenger, as its updates name it. */
  readonly account: string;
  readonly maxUserId: string;
  /** Told of as gone: takes part in nothing any more. */
  gone: boolean;
  /** Something is planted about the person, so nothing else is to happen to them. */
  reserved: boolean;
  /** The account was linked. */
  linked: boolean;
}

export interface Pupil extends Person {
  readonly family: Family;
  /** Whether a parent consented for the pupil; whoever did not takes part in no chat. */
  consented: boolean;
  classRoom: ClassRoom;
}

export interface Family {
  readonly name: FamilyName;
  readonly parents: readonly Person[];
  readonly children: Pupil[];
}

/** A lesson of the curriculum for which the class has a chat. */
export interface Course {
  readonly subject: string;
  teacher: Person;
  chat?: Chat;
}

export interface ClassRoom {
  readonly index: number;
  readonly groupId: string;
  /** `5А`. */
  readonly title: string;
  readonly grade: number;
  readonly pupils: Pupil[];
  /** The class teacher. */
  curator: Person;
  readonly courses: readonly Course[];
  pupilsChat?: Chat;
  parentsChat?: Chat;
}

export interface Chat {
  readonly id: string;
  readonly maxChatId: string;
  readonly kind: string;
  readonly title: string;
  readonly classRoom?: ClassRoom;
  owner: Person;
  /** In the order in which they came. */
  readonly members: Person[];
  readonly admins: Set<Person>;
  live: boolean;
}

export interface Population {
  readonly director: Person;
  readonly deputies: readonly Person[];
  readonly administrator: Person;
  readonly officer: Person;
  /** Everybody who works at the school when the year begins. */
  readonly staff: readonly Person[];
  /** Teachers who lead no class. */
  readonly teachers: readonly Person[];
  readonly classes: readonly ClassRoom[];
  readonly families: readonly Family[];
}

const LETTERS = ['А', 'Б', 'В', 'Г', 'Д', 'Е'] as const;
const SUBJECTS = [
  'Математика',
  'Русский язык',
  'Литературное чтение',
  'Английский язык',
  'Окружающий мир',
  'История',
  'Биология',
  'Информатика',
  'Физика',
  'География',
] as const;
const COURSES = 3;

/** Makes people; each by name, so that one more changes nobody else. */
export class People {
  private readonly seed: readonly string[];

  constructor({ seed, school }: Pick<YearParameters, 'seed' | 'school'>) {
    this.seed = ['simulator', String(seed), String(school)];
  }

  person(key: string, gender: Gender, name?: PersonName): Person {
    const random = new Random(...this.seed, 'person', key);
    return {
      id: derivedId(...this.seed, 'person', key),
      gender,
      name: name ?? nameOf(random, gender),
      account: derivedId(...this.seed, 'account', key),
      maxUserId: String(100_000_000 + random.between(0, 899_999_999)),
      gone: false,
      reserved: false,
      linked: false,
    };
  }

  /** A family with children of a class, or of several. */
  family(
    key: string,
    parents: number,
    classRooms: readonly ClassRoom[],
    known: readonly Person[] = [],
  ): Family {
    const random = new Random(...this.seed, 'family', key);
    const name = familyName(random);
    const genders: readonly Gender[] =
      parents === 1 ? [random.chance(0.85) ? 'female' : 'male'] : ['female', 'male'];
    const others = genders
      .slice(known.length)
      .map((gender, index) =>
        this.person(`parent ${key} ${index}`, gender, parentName(random, name, gender)),
      );
    const family: Family = { name, parents: [...known, ...others], children: [] };
    classRooms.forEach((classRoom, index) => {
      const gender: Gender = random.chance(0.5) ? 'female' : 'male';
      const child = this.person(`pupil ${key} ${index}`, gender, childName(random, name, gender));
      family.children.push({ ...child, family, classRoom, consented: true });
    });
    return family;
  }

  population({ classes, pupils, parents, staff }: YearParameters): Population {
    const random = new Random(...this.seed, 'population');
    const workers = Array.from({ length: staff }, (_, index) =>
      this.person(`staff ${index}`, random.chance(0.8) ? 'female' : 'male'),
    );
    const deputyCount = staff < 30 ? 2 : 4;
    const [director, ...rest] = workers;
    const deputies = rest.splice(0, deputyCount);
    const [administrator, officer] = rest.splice(0, 2);
    const curators = rest.splice(0, classes);
    if (
      director === undefined ||
      administrator === undefined ||
      officer === undefined ||
      curators.length < classes
    ) {
      throw new RangeError('There are too few people on the staff');
    }
    const rooms = curators.map((curator, index) => this.classRoom(index, curator, rest, random, classes));
    const families = this.families(rooms, pupils, parents, rest, random);
    for (const { children } of families) {
      for (const child of children) child.classRoom.pupils.push(child);
    }
    return {
      director,
      deputies,
      administrator,
      officer,
      staff: workers,
      teachers: rest,
      classes: rooms,
      families,
    };
  }

  private classRoom(
    index: number,
    curator: Person,
    teachers: readonly Person[],
    random: Random,
    classes: number,
  ): ClassRoom {
    const grade = (index % Math.min(classes, 11)) + 1;
    const letter = LETTERS[Math.floor(index / 11)] ?? 'А';
    const subjects = random.shuffled(SUBJECTS).slice(0, COURSES);
    return {
      index,
      groupId: derivedId(...this.seed, 'group', 'class', String(index)),
      title: `${grade}${letter}`,
      grade,
      pupils: [],
      curator,
      // The last ones teach nothing that has a chat: they help to administer, and come and go.
      courses: subjects.map((subject) => ({ subject, teacher: random.pick(teachers.slice(0, -4)) })),
    };
  }

  private families(
    rooms: readonly ClassRoom[],
    pupils: number,
    parents: number,
    teachers: readonly Person[],
    random: Random,
  ): readonly Family[] {
    const sizes: number[] = [];
    for (let left = pupils; left > 0;) {
      const size = Math.min(left, random.chance(0.9) ? 1 : random.chance(0.9) ? 2 : 3);
      sizes.push(size);
      left -= size;
    }
    const couples = Math.min(Math.max(parents - sizes.length, 0), sizes.length);
    let placed = 0;
    return sizes.map((size, index) => {
      // Those who teach here and send a child here are a few, and lead no class.
      const teacher = index < Math.floor(teachers.length / 4) ? teachers[index] : undefined;
      const known = teacher === undefined || teacher.gender === 'male' ? [] : [teacher];
      const children = Array.from({ length: size }, () => {
        const room = rooms[placed % rooms.length];
        placed += 1;
        if (room === undefined) throw new RangeError('There are no classes');
        return room;
      });
      return this.family(String(index), index < couples ? 2 : 1, children, known);
    });
  }
}
