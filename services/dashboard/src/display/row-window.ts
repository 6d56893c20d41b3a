import { type RefObject, useEffect, useState } from 'react';

/** Height of a body row in the style sheet (--row). */
export const ROW_HEIGHT_PX = 36;
/** Below this every row is drawn: there is nothing to gain. */
const WINDOW_FROM_ROWS = 60;
/** Rows drawn beyond each edge, so that scrolling shows no blank before the next frame. */
const MARGIN_ROWS = 10;

interface RowWindow {
  first: number;
  /** One past the last row drawn. */
  end: number;
}

/** Which rows of a long table are in sight; the others are room, not elements. */
export function useRowWindow(
  scroller: RefObject<HTMLElement | null>,
  rowCount: number,
  enabled: boolean,
): RowWindow {
  const [place, setPlace] = useState({ first: 0, count: WINDOW_FROM_ROWS });
  const active = enabled && rowCount > WINDOW_FROM_ROWS;
  useEffect(() => {
    const element = scroller.current;
    if (!active || !element) return;
    const measure = () => {
      const first = Math.max(0, Math.floor(element.scrollTop / ROW_HEIGHT_PX) - MARGIN_ROWS);
      const count = Math.ceil(element.clientHeight / ROW_HEIGHT_PX) + 2 * MARGIN_ROWS;
      setPlace((last) => (last.first === first && last.count === count ? last : { first, count }));
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    element.addEventListener('scroll', measure, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', measure);
    };
  }, [scroller, active]);
  if (!active) return { first: 0, end: rowCount };
  const first = Math.min(place.first, Math.max(0, rowCount - place.count));
  return { first, end: Math.min(rowCount, first + place.count) };
}
