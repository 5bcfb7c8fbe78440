import type { Observable } from 'rxjs/internal/Observable';
import type { Subject } from 'rxjs/internal/Subject';

/** The classes of rxjs, loaded when this is first called. */
export declare function loadRxjs(): {
  readonly Observable: typeof Observable;
  readonly Subject: typeof Subject;
};
