import { type Random } from './random';

export type Gender = 'female' | 'male';

export interface PersonName {
  readonly surname: string;
  readonly name: string;
  readonly patronymic: string;
}

/** Masculine and feminine form. Lists of common names; whoever bears two or three of them is met by chance. */
type Forms = readonly [male: string, female: string];

const SURNAMES: readonly Forms[] = [
  ['Соколов', 'Соколова'],
  ['Лебедев', 'Лебедева'],
  ['Зайцев', 'Зайцева'],
  ['Белов', 'Белова'],
  ['Орлов', 'Орлова'],
  ['Фёдоров', 'Фёдорова'],
  ['Ковалёв', 'Ковалёва'],
  ['Кузнецов', 'Кузнецова'],
  ['Гусев', 'Гусева'],
  ['Воробьёв', 'Воробьёва'],
  ['Синицын', 'Синицына'],
  ['Ершов', 'Ершова'],
  ['Карпов', 'Карпова'],
  ['Рябинин', 'Рябинина'],
  ['Берёзкин', 'Берёзкина'],
  ['Осокин', 'Осокина'],
  ['Полевой', 'Полевая'],
  ['Луговской', 'Луговская'],
  ['Заречный', 'Заречная'],
  ['Снегирёв', 'Снегирёва'],
  ['Тихонов', 'Тихонова'],
  ['Мельников', 'Мельникова'],
  ['Гончаров', 'Гончарова'],
  ['Плотников', 'Плотникова'],
  ['Садовников', 'Садовникова'],
  ['Морозов', 'Морозова'],
  ['Метелин', 'Метелина'],
  ['Громов', 'Громова'],
  ['Ветров', 'Ветрова'],
  ['Озёров', 'Озёрова'],
  ['Ручьёв', 'Ручьёва'],
  ['Каменев', 'Каменева'],
  ['Горский', 'Горская'],
  ['Лесной', 'Лесная'],
  ['Кравченко', 'Кравченко'],
  ['Бондаренко', 'Бондаренко'],
  ['Седых', 'Седых'],
  ['Черных', 'Черных'],
];

interface MaleName {
  readonly name: string;
  /** What the children of one who bears it are called by. */
  readonly patronymic: Forms;
}

const MALE: readonly MaleName[] = [
  { name: 'Пётр', patronymic: ['Петрович', 'Петровна'] },
  { name: 'Иван', patronymic: ['Иванович', 'Ивановна'] },
  { name: 'Олег', patronymic: ['Олегович', 'Олеговна'] },
  { name: 'Сергей', patronymic: ['Сергеевич', 'Сергеевна'] },
  { name: 'Лев', patronymic: ['Львович', 'Львовна'] },
  { name: 'Юрий', patronymic: ['Юрьевич', 'Юрьевна'] },
  { name: 'Илья', patronymic: ['Ильич', 'Ильинична'] },
  { name: 'Семён', patronymic: ['Семёнович', 'Семёновна'] },
  { name: 'Глеб', patronymic: ['Глебович', 'Глебовна'] },
  { name: 'Андрей', patronymic: ['Андреевич', 'Андреевна'] },
  { name: 'Максим', patronymic: ['Максимович', 'Максимовна'] },
  { name: 'Николай', patronymic: ['Николаевич', 'Николаевна'] },
  { name: 'Фёдор', patronymic: ['Фёдорович', 'Фёдоровна'] },
  { name: 'Игорь', patronymic: ['Игоревич', 'Игоревна'] },
  { name: 'Павел', patronymic: ['Павлович', 'Павловна'] },
  { name: 'Никита', patronymic: ['Никитич', 'Никитична'] },
  { name: 'Артём', patronymic: ['Артёмович', 'Артёмовна'] },
  { name: 'Роман', patronymic: ['Романович', 'Романовна'] },
  { name: 'Тимофей', patronymic: ['Тимофеевич', 'Тимофеевна'] },
  { name: 'Егор', patronymic: ['Егорович', 'Егоровна'] },
];

const FEMALE = [
  'Мария',
  'Анна',
  'Ольга',
  'Вера',
  'Елена',
  'Татьяна',
  'Наталья',
  'Ирина',
  'Софья',
  'Дарья',
  'Полина',
  'Ксения',
  'Алина',
  'Варвара',
  'Юлия',
  'Надежда',
  'Светлана',
  'Екатерина',
  'Виктория',
  'Маргарита',
] as const;

/** What the members of a family have in common: the surname, and what the children are called by after their father. */
export interface FamilyName {
  readonly surname: Forms;
  readonly father: MaleName;
}

export function familyName(random: Random): FamilyName {
  return { surname: random.pick(SURNAMES), father: random.pick(MALE) };
}

function formOf([male, female]: Forms, gender: Gender): string {
  return gender === 'male' ? male : female;
}

function givenName(random: Random, gender: Gender): string {
  return gender === 'male' ? random.pick(MALE).name : random.pick(FEMALE);
}

/** The name of somebody of no family that is told of. */
export function nameOf(random: Random, gender: Gender): PersonName {
  return {
    surname: formOf(random.pick(SURNAMES), gender),
    name: givenName(random, gender),
    patronymic: formOf(random.pick(MALE).patronymic, gender),
  };
}

export function childName(random: Random, { surname, father }: FamilyName, gender: Gender): PersonName {
  return {
    surname: formOf(surname, gender),
    name: givenName(random, gender),
    patronymic: formOf(father.patronymic, gender),
  };
}

/** The father bears the name that his children are called by; a mother may bear another surname. */
export function parentName(random: Random, { surname, father }: FamilyName, gender: Gender): PersonName {
  const own = gender === 'female' && random.chance(0.15) ? random.pick(SURNAMES) : surname;
  return {
    surname: formOf(own, gender),
    name: gender === 'male' ? father.name : givenName(random, gender),
    patronymic: formOf(random.pick(MALE).patronymic, gender),
  };
}

/** Another surname for the same person. */
export function renamed(random: Random, name: PersonName, gender: Gender): PersonName {
  const others = SURNAMES.filter((forms) => formOf(forms, gender) !== name.surname);
  return { ...name, surname: formOf(random.pick(others), gender) };
}

/** Surname, name, patronymic, as orders write them. */
export function fullName({ surname, name, patronymic }: PersonName): string {
  return `${surname} ${name} ${patronymic}`;
}
