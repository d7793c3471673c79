import { createContext, useContext } from 'react';
import type { Me } from '../contract.ts';

/** Who is signed in, and what to call when that has changed. */
export interface Person {
  me: Me;
  onChange: () => void;
}

export const PersonContext = createContext<Person | undefined>(undefined);

/** Who is signed in; there is always somebody inside the gate. */
export function usePerson(): Person {
  const person = useContext(PersonContext);
  if (person === undefined) throw new Error('nobody is signed in here');
  return person;
}
