/**
 * Draws Mermaid diagrams while the site is built, so that a reader loads an image and no program.
 *
 * The style sheet that comes with each drawing asks a font server for a font: it is left out, and
 * `theme/drawings.css` has its rules, with the colours of the theme.
 */
import { renderMermaidSVG } from 'beautiful-mermaid';

const STYLE = /<style>.*?<\/style>| style="--bg[^"]*"/gs;

export function drawDiagram(source: string): string {
  const svg = renderMermaidSVG(source, { transparent: true, padding: 12 }).replace(STYLE, '');
  const width = /viewBox="0 0 (?<width>[\d.]+)/.exec(svg)?.groups?.width;
  return `<figure class="diagram" tabindex="0" v-pre style="--width: ${width}px">${svg}</figure>\n`;
}
