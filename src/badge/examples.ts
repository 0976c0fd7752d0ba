/** A badge or a card to show, by the options of its tag. */
export interface Sample {
  name: string
  options: Readonly<Record<string, string>>
}

/** @param query as in the address of a tag */
const sample = (name: string, query: string): Sample => ({
  name,
  options: Object.fromEntries(new URLSearchParams(query)),
})

/** Badges to start from, on the home page and in the gallery. */
export const PRESETS: readonly Sample[] = [
  sample('Classic', ''),
  sample(
    'Quiet',
    'style=flat-square&format=comma&label=views&labelColor=eaeef2,21262d&color=f6f8fa,161b22',
  ),
  sample(
    'Bold',
    'style=for-the-badge&format=comma&label=views&labelColor=24292f,30363d&color=8250df',
  ),
  sample(
    'Pill',
    'format=compact&label=seen&radius=10&labelColor=0a3069,1f2d45&color=0969da,1f6feb',
  ),
  sample('Trend', 'trend=30d&format=comma&labelColor=24292f,30363d&color=1a7f37,238636'),
  sample('Odometer', 'face=odometer&digits=6'),
  sample('Split flap', 'face=flap&digits=5'),
  sample('Display', 'face=lcd&digits=5'),
]

/** A part of the gallery. */
export interface Shelf {
  title: string
  /** Markdown without links. */
  about: string
  /** Set if the samples are cards. */
  cards?: true
  samples: readonly Sample[]
}

const each = (option: string, values: readonly string[], more: Sample['options'] = {}): Sample[] =>
  values.map((value) => ({ name: `${option}=${value}`, options: { [option]: value, ...more } }))

/** Samples of all options. */
export const SHELVES: readonly Shelf[] = [
  {
    title: 'Looks to begin with',
    about: 'Take one on the home page and change what you like.',
    samples: PRESETS,
  },
  {
    title: 'Faces',
    about:
      'The number by its digits alone, as odometers, boards and displays draw it; tally marks up to 100.',
    samples: [
      ...each('face', ['odometer', 'lcd', 'flap', 'dots', 'led'], { digits: '6' }),
      ...each('face', ['tally'], { count: '23' }),
      ...each('face', ['odometer'], { show: 'today-total' }),
      ...each('face', ['lcd'], { color: '0a3069', labelColor: 'ddf4ff', digits: '5' }),
      ...each('face', ['led'], { color: '39ff14', digits: '5', scale: '1.5' }),
    ],
  },
  {
    title: 'History',
    about: 'A line of the last days or months in a badge of ordinary height.',
    samples: [
      ...each('trend', ['7d', '30d', '12m']),
      ...each('trend', ['30d'], { style: 'for-the-badge', color: '0969da', format: 'comma' }),
      ...each('trend', ['30d'], { style: 'social' }),
    ],
  },
  {
    title: 'Cards',
    about: 'A page’s hits by day, for a README or a dashboard: `/graph.svg`.',
    cards: true,
    samples: [
      { name: 'days=30', options: {} },
      { name: 'days=90', options: { days: '90', color: '0969da,58a6ff', count: '5678' } },
    ],
  },
  {
    title: 'Shape and motion',
    about: 'Corners, size, and a soft count-up that stands still where less motion is wanted.',
    samples: [
      ...each('radius', ['0', '6', '10']),
      ...each('scale', ['0.75', '1.5', '2']),
      ...each('animate', ['1'], { format: 'comma', count: '123456' }),
    ],
  },
  {
    title: 'Colours',
    about:
      'By name, hex or CSS, for light and for dark ground, or by what the number has reached. The text is white or dark, ' +
      'whichever can be read.',
    samples: [
      ...each('color', ['brightgreen', 'yellow', 'ea7233', 'rebeccapurple', 'hsl(200,90%,35%)']),
      ...each('color', ['4c1,2ea043']),
      ...each('labelColor', ['0a3069', 'fff8c5']),
      ...each('textColor', ['ffd33d'], { color: '24292f', labelColor: '24292f' }),
      ...each('colorSteps', ['100:yellow,1000:orange,10000:red']),
      ...each('theme', ['light', 'dark', 'auto']),
    ],
  },
  {
    title: 'Styles',
    about: 'The five that shields.io made known.',
    samples: each('style', ['flat', 'flat-square', 'plastic', 'for-the-badge', 'social']),
  },
  {
    title: 'Logos',
    about: 'Any of Simple Icons by name, in its own colour or another.',
    samples: [
      ...each('logo', ['github', 'python', 'typescript', 'ycombinator']),
      ...each('logo', ['codeberg'], { logoColor: 'white', label: '', color: '0b5cad' }),
      ...each('logo', ['rss'], { style: 'for-the-badge' }),
      ...each('logo', ['wikipedia'], { style: 'social' }),
    ],
  },
  {
    title: 'Numbers',
    about: 'As the world writes them, alone or two at once, carried on from another counter.',
    samples: [
      ...each('format', ['plain', 'comma', 'space', 'dot'], { count: '1234567' }),
      ...each('format', ['indian', 'de-CH', 'ar-EG'], { count: '1234567' }),
      ...each('format', ['compact', 'roman']),
      ...each('prefix', ['#']),
      ...each('suffix', [' views'], { label: '' }),
      ...each('base', ['5000']),
      ...each('show', ['today', 'today-total', '7d-30d']),
    ],
  },
]

/** The query of a sample's address. Commas and colons stay readable. */
export function queryOf({ options }: Sample): string {
  const encode = (value: string) =>
    encodeURIComponent(value).replaceAll('%2C', ',').replaceAll('%3A', ':')
  return Object.entries(options)
    .map(([name, value]) => `${name}=${encode(value)}`)
    .join('&')
}
