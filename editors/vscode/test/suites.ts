/** All suites, in the order in which they run. */

import './findServer.suite';
import './settings.suite';
import './statusText.suite';
import './testTree.suite';
import './wheel.suite';
import './story.suite';
