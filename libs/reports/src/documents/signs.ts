import { type ControlStatus, type FindingState } from '@letopis/compliance';
import { type Canvas, type Point } from './canvas';
import { COLOURS, STATUS_COLOURS } from './styles';

/** Signs that differ in shape, so that colour only helps. */
export type Shape = 'cross' | 'clock' | 'tick' | 'bars' | 'ring' | 'dash';

export interface Sign {
  readonly shape: Shape;
  readonly colour: string;
}

export const SIGN_SIZE = 9;

const STATUS_SHAPES: Readonly<Record<ControlStatus, Shape>> = {
  violated: 'cross',
  'at-risk': 'clock',
  compliant: 'tick',
  waived: 'bars',
  'not-applicable': 'ring',
  'no-evidence': 'dash',
};

export function signOfStatus(status: ControlStatus): Sign {
  return { shape: STATUS_SHAPES[status], colour: STATUS_COLOURS[status] };
}

const STATE_STATUSES: Readonly<Record<FindingState, ControlStatus>> = {
  open: 'at-risk',
  overdue: 'violated',
  violated: 'violated',
  fulfilled: 'compliant',
  'fulfilled-late': 'compliant',
  remedied: 'compliant',
  cancelled: 'not-applicable',
};

export function signOfState(state: FindingState): Sign {
  return signOfStatus(STATE_STATUSES[state]);
}

/** Draws a sign in a square of `SIGN_SIZE`, light on a coloured ground. */
export function drawSign(canvas: Canvas, { shape, colour }: Sign, { x, y }: Point): void {
  canvas.rectangles([{ x, y, width: SIGN_SIZE, height: SIGN_SIZE }], colour);
  const isPale = colour === COLOURS.pale || shape === 'ring';
  const ink = isPale ? COLOURS.ink : '#ffffff';
  const stroke = { width: 1.3 };
  const points = (...pairs: readonly (readonly [number, number])[]): readonly Point[] =>
    pairs.map(([dx, dy]) => ({ x: x + dx * SIGN_SIZE, y: y + dy * SIGN_SIZE }));
  switch (shape) {
    case 'cross':
      canvas.path(points([0.25, 0.25], [0.75, 0.75]), ink, stroke);
      canvas.path(points([0.75, 0.25], [0.25, 0.75]), ink, stroke);
      return;
    case 'clock':
      canvas.path(points([0.5, 0.18], [0.5, 0.55], [0.78, 0.55]), ink, stroke);
      return;
    case 'tick':
      canvas.path(points([0.2, 0.52], [0.42, 0.75], [0.8, 0.27]), ink, stroke);
      return;
    case 'bars':
      canvas.path(points([0.36, 0.22], [0.36, 0.78]), ink, stroke);
      canvas.path(points([0.64, 0.22], [0.64, 0.78]), ink, stroke);
      return;
    case 'ring':
      canvas.path(points([0.5, 0.2], [0.8, 0.5], [0.5, 0.8], [0.2, 0.5], [0.5, 0.2]), ink, stroke);
      return;
    case 'dash':
      canvas.path(points([0.22, 0.5], [0.78, 0.5]), ink, stroke);
      return;
  }
}
