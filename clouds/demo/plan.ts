import { calendar } from './calendar.ts';
import { Estate, type Part } from './estate.ts';
import { organisation } from './organisation.ts';
import { balancers } from './parts/balancers.ts';
import { compute } from './parts/compute.ts';
import { containers } from './parts/containers.ts';
import { data } from './parts/data.ts';
import { databases } from './parts/databases.ts';
import { edge } from './parts/edge.ts';
import { fees } from './parts/fees.ts';
import { functions } from './parts/functions.ts';
import { gateways } from './parts/gateways.ts';
import { intelligence } from './parts/intelligence.ts';
import { kubernetes } from './parts/kubernetes.ts';
import { network } from './parts/network.ts';
import { oversight } from './parts/oversight.ts';
import { serverless } from './parts/serverless.ts';
import { storage } from './parts/storage.ts';
import { volumes } from './parts/volumes.ts';
import { readPrices } from './prices.ts';
import { type Random, random } from './random.ts';

export interface PlanOptions {
  now: Date;
  seed: number;
  months: number;
  scale: number;
}

const PARTS: Record<string, Part> = {
  compute,
  containers,
  kubernetes,
  volumes,
  storage,
  gateways,
  balancers,
  network,
  edge,
  databases,
  functions,
  serverless,
  data,
  intelligence,
  oversight,
};

/**
 * The plan of the estate: who owns what, since when, at which price and how much of it, and what is planted in it. The same
 * options give the same plan. Each part draws from a source of its own, so that a change to one leaves the others alone.
 */
export function plan({ now, seed, months, scale }: PlanOptions): Estate {
  const estate = new Estate(calendar(now, months), readPrices(), organisation(random(seed, 'organisation'), scale));
  const { ago } = estate.calendar;
  estate.mood.push(...moods(estate.calendar.days, random(seed, 'mood')));
  estate.campaigns.push({ fromDay: ago(166), toDay: ago(162), factor: 1.42 });
  estate.organisation.units.forEach((unit, copy) => {
    for (const [name, part] of Object.entries(PARTS)) part(estate, unit, random(seed, `${name}/${copy}`));
  });
  fees(estate, random(seed, 'fees'));
  estate.events.push({
    id: 'planned-campaign',
    kind: 'planned',
    shape: 'campaign',
    fromDay: ago(166),
    toDay: ago(162),
    dimensions: { tag: 'team', value: 'storefront' },
    reason: 'The summer campaign brought 42 percent more visitors for four days; it was planned.',
    effects: [],
    born: [],
  });
  return estate;
}

/** Days that lean on the day before: one good day is often followed by another. */
function moods(days: number, rng: Random): number[] {
  let mood = 0;
  return Array.from({ length: days }, () => {
    mood = 0.55 * mood + 0.035 * (rng.next() + rng.next() + rng.next() - 1.5);
    return 1 + mood;
  });
}
