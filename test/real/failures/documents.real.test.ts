import { playIdentity } from '../../failures/identity.ts';
import { playLateness } from '../../failures/lateness.ts';
import { playSizes } from '../../failures/sizes.ts';
import { playTies } from '../../failures/ties.ts';
import { playTimes } from '../../failures/times.ts';
import { playViews } from '../../failures/views.ts';
import { playVisibility } from '../../failures/visibility.ts';
import { describeReal } from '../support/server-url.ts';
import { realElastic } from './real-elastic.ts';

/** The scenarios that the stand-in plays in `test/failures`, on a real server. */
describeReal('failures on Elasticsearch', 'ELASTICSEARCH_URL', 'test/real/failures/run', (url) => {
  const elasticOf = () => realElastic(url);
  playTies(elasticOf);
  playTimes(elasticOf);
  playVisibility(elasticOf);
  playViews(elasticOf);
  playLateness(elasticOf);
  playSizes(elasticOf);
  playIdentity(elasticOf);
});
