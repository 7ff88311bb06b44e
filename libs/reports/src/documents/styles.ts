import { type ControlStatus } from '@letopis/compliance';
import { type TextStyle } from './typesetter';

export const COLOURS = {
  ink: '#1a1a1a',
  muted: '#5c5c5c',
  rule: '#b8b8b8',
  head: '#eef0f2',
  panel: '#f6f7f8',
  alarm: '#a61b1b',
  warning: '#b7701a',
  calm: '#2c6e49',
  special: '#4a5a8a',
  silent: '#8a8f96',
  pale: '#f2c879',
} as const;

/** Far enough apart in lightness to be told apart without colour; signs and words stand beside them anyway. */
export const STATUS_COLOURS: Readonly<Record<ControlStatus, string>> = {
  violated: COLOURS.alarm,
  'at-risk': COLOURS.pale,
  compliant: COLOURS.calm,
  waived: COLOURS.special,
  'not-applicable': '#d5d8dc',
  'no-evidence': COLOURS.silent,
};

const style = (
  face: TextStyle['face'],
  size: number,
  leading: number,
  colour: string = COLOURS.ink,
): TextStyle => ({ face, size, leading, colour });

/** Serif for what is read, sans for what is looked up. */
export const STYLES = {
  organization: style('sans-bold', 11, 14),
  label: style('sans', 9, 12, COLOURS.muted),
  approval: style('serif', 10.5, 16),
  approvalHead: style('sans-bold', 10.5, 16),
  title: style('sans-bold', 17, 21),
  subtitle: style('serif', 12, 16),
  h1: style('sans-bold', 13, 17),
  h2: style('sans-bold', 11, 14.5),
  text: style('serif', 10.5, 14.5),
  note: style('serif-italic', 9.5, 12.5, COLOURS.muted),
  caption: style('sans', 9, 12),
  toc: style('serif', 10, 14),
  tocChapter: style('serif-bold', 10, 14.5),
  cell: style('serif', 9.5, 12),
  cellTight: style('serif', 9, 11),
  cellSmall: style('serif', 8.2, 10.2, COLOURS.muted),
  cellFine: style('serif', 8.2, 10.2),
  cellWord: style('sans', 8.5, 10.8),
  cellTime: style('sans', 8, 10.8),
  cellNumber: style('sans', 9, 12),
  cellLabel: style('sans-bold', 9.5, 12),
  tableHead: style('sans-bold', 8, 10),
  chart: style('sans', 8, 10),
  chartBold: style('sans-bold', 8, 10),
  furniture: style('sans', 8, 10, COLOURS.muted),
  warning: style('sans-bold', 9, 11, COLOURS.alarm),
  digest: style('sans', 9, 12),
} as const satisfies Readonly<Record<string, TextStyle>>;
