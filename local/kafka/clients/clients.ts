// The clients, in the versions that they are compared in, and how each of them is got.

import { copyFile, writeFile } from 'node:fs/promises'
import { writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { Broker } from './brokers.ts'
import { exactlyOnce } from './exactly-once.ts'
import { run } from './run.ts'
import { toolSessions } from './tool-sessions.ts'

type Place = {
  /** Of this client, kept for the next time. */
  home: string
  /** Of this run. */
  folder: string
  rounds: number
}
export type Client = {
  name: string
  version: string
  /** Commands that have to succeed. */
  needs: string[]
  /** Once for a version. */
  get?: (home: string) => Promise<unknown>
  /** Once for each run. */
  build?: (place: Place) => Promise<unknown>
  /** What it says of one broker. */
  use: (broker: Broker, place: Place) => Promise<string>
}

const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache')
export const HOME = process.env.KAFKA_CLIENTS_HOME || join(cache, 'product-api/kafka-clients')
const APACHE_KAFKA = process.env.APACHE_KAFKA_HOME || join(cache, 'product-api/apache-kafka')
const KAFKA = '4.3.1' // of local/apache-kafka/pom.xml
const PROGRAMS = join(import.meta.dirname, 'programs')
const JAVA = ['-Dorg.apache.logging.log4j.level=OFF', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xmx256m', '-cp']

const jars = join(APACHE_KAFKA, 'libs/*') // which the start of Apache Kafka has got
const classPath = ({ folder, home }: Place) => [folder, jars, join(home, '*')].join(delimiter)
const compile = (name: string) => (place: Place) =>
  run('javac', ['-d', place.folder, '-cp', classPath(place), join(PROGRAMS, `${name}.java`)])
const PIP = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--target']

const python = (name: string, version: string, program: string, others: string[] = []): Client => ({
  name,
  version,
  needs: ['python3 -m pip --version'],
  get: (home) => run('python3', [...PIP, home, `${name}==${version}`, ...others]),
  use: ({ address }, { home }) => run('python3', [join(PROGRAMS, program), address], { env: { PYTHONPATH: home } }),
})

export const CLIENTS: Client[] = [
  {
    name: "Kafka's tools",
    version: KAFKA,
    needs: ['javac -version'],
    build: compile('Tools'),
    async use({ address }, place) {
      let files = 0
      const file = (text: string) => {
        const path = join(place.folder, `${address}-${files++}.json`)
        writeFileSync(path, text)
        return path
      }
      const sessions = file(JSON.stringify(toolSessions(address, file)))
      return run('java', [...JAVA, classPath(place), 'Tools', sessions])
    },
  },
  python('kafka-python', '3.0.12', 'kafka_python.py', ['python-snappy==0.7.3', 'lz4==4.4.5', 'zstandard==0.25.0']),
  python('confluent-kafka', '2.16.1', 'confluent.py'),
  {
    name: 'franz-go',
    version: '1.22.3',
    needs: ['go version'],
    async get(home) {
      for (const file of ['franz.go', 'go.mod', 'go.sum']) await copyFile(join(PROGRAMS, file), join(home, file))
      await run('go', ['build', '-C', home, '-o', 'franz', '.'])
    },
    // Go knows by itself what has changed.
    async build({ home }) {
      await this.get?.(home)
    },
    use: ({ address }, { home }) => run(join(home, 'franz'), [address]),
  },
  {
    name: 'KafkaJS',
    version: '2.2.4', // of package.json
    needs: [],
    use: ({ address }) => run(process.execPath, ['--no-warnings', join(PROGRAMS, 'kafkajs.ts'), address]),
  },
  {
    name: '@platformatic/kafka',
    version: '2.12.1',
    needs: ['npm --version'],
    async get(home) {
      await writeFile(join(home, 'package.json'), '{}')
      await run('npm', [
        'install',
        '--silent',
        '--no-audit',
        '--no-fund',
        '--prefix',
        home,
        '@platformatic/kafka@2.12.1',
      ])
    },
    use: ({ address }, { home }) => run(process.execPath, [join(PROGRAMS, 'platformatic.mjs'), address, home]),
  },
  {
    name: 'Kafka Streams',
    version: KAFKA,
    needs: ['javac -version', 'mvn -v'],
    get: (home) =>
      run('mvn', [
        '-q',
        '-B',
        '-f',
        join(PROGRAMS, 'streams-pom.xml'),
        'dependency:copy-dependencies',
        `-DoutputDirectory=${home}`,
      ]),
    build: compile('ExactlyOnce'),
    use: (broker, place) =>
      exactlyOnce(broker, ['java', ...JAVA, classPath(place), 'ExactlyOnce'], place.folder, place.rounds),
  },
]
