import { Places } from './places';

const SOON = 20;

describe('places', () => {
  it('given all are taken, then who comes waits until one is given back', async () => {
    const places = new Places(1, 5_000);
    const giveBack = await places.take();
    const told: string[] = [];
    const waiting = places.take().then(() => told.push('came'));
    await new Promise((resolve) => setTimeout(resolve, SOON));
    told.push('given back');
    giveBack();
    await waiting;

    expect(told).toEqual(['given back', 'came']);
  });

  it('given several wait, then the first who came is the first who is let in', async () => {
    const places = new Places(1, 5_000);
    const giveBack = await places.take();
    const order: number[] = [];
    const all = [1, 2, 3].map(async (number) => {
      const end = await places.take();
      order.push(number);
      end();
    });
    giveBack();
    await Promise.all(all);

    expect(order).toEqual([1, 2, 3]);
  });

  it('given none becomes free in time, then who waits is told to come again', async () => {
    const places = new Places(1, SOON);
    const giveBack = await places.take();

    await expect(places.take()).rejects.toMatchObject({ code: 'throttled', retryAfterSeconds: 10 });

    giveBack();
    await expect(places.take()).resolves.toBeInstanceOf(Function);
  });

  it('given a place is given back twice, then it is one place all the same', async () => {
    const places = new Places(1, SOON);
    const giveBack = await places.take();
    giveBack();
    giveBack();
    await places.take();

    await expect(places.take()).rejects.toMatchObject({ code: 'throttled' });
  });
});
