import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { applyTheme } from './display/theme.ts';
import './styles/tokens.css';
import './styles/page.css';
import './styles/controls.css';
import './styles/tables.css';
import './styles/panels.css';
import './styles/narrow.css';

applyTheme();
const root = document.getElementById('root');
if (root) createRoot(root).render(<App />);
