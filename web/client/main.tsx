import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import './styles.css';
import { arriveByLink } from './sign-in-link.ts';
import { Gate } from './view/gate.tsx';

const arrival = arriveByLink();
const root = document.getElementById('root');
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <Gate arrival={arrival} />
    </StrictMode>,
  );
}
