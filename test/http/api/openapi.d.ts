/** Types of version 1, which `npm run docs` writes from docs/openapi.json by openapi-typescript. */

export interface paths {
    "/api/v1/active": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Active visits, and the pages that have most of them */
        get: operations["getApiV1Active"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/hosts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Hosts, those with the most hits first */
        get: operations["getApiV1Hosts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/numbers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The numbers of a page or host */
        get: operations["getApiV1Numbers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/outcomes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What became of the visits to a page or host: how many counted, and why others did not */
        get: operations["getApiV1Outcomes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Pages, searched and sorted */
        get: operations["getApiV1Pages"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pages/count": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Counts a visit of each of up to 100 pages */
        post: operations["postApiV1PagesCount"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pages/read": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Reads the numbers of up to 100 pages, and counts nothing */
        post: operations["postApiV1PagesRead"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/series": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Visits of a page or host over time, by hour, day or month */
        get: operations["getApiV1Series"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/top": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The hosts and pages with the most hits, as on the home page */
        get: operations["getApiV1Top"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Problem: {
            /** @description The kind of refusal, such as `bad_page`; more may be added */
            code: string;
            /** @description One sentence that a person can act on */
            detail: string;
            /** @description What is wrong, such as `limit` or `pages[3]` */
            field?: string;
            /** @description The status of HTTP */
            status: number;
            /** @description The name of the status */
            title: string;
            /** @description Always `about:blank` */
            type: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    getApiV1Active: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Active visits, and the pages that have most of them */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description Active visits to all pages */
                        active: number;
                        /** @description For how many minutes a counted visit is active */
                        minutes: number;
                        pages: {
                            /** @description Active visits to this page */
                            active: number;
                            /** @description The page, in its normal form */
                            page: string;
                        }[];
                    };
                };
            };
            /** @description `no_page`, `bad_page`, `bad_option`, `bad_request` */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized` */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`, `blocked_page`, `banned`, `too_many_pages` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `removed` */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too_many_requests` */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable` */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getApiV1Hosts: {
        parameters: {
            query?: {
                /** @description `next` of the answer before, to read on */
                after?: string;
                /** @description Entries of an answer; else 50 */
                limit?: number;
                /**
                 * @description Text that the name contains, in any case
                 * @example blog
                 */
                part?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Hosts, those with the most hits first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * Format: date-time
                         * @description When the list was read
                         */
                        at: string;
                        hosts: {
                            /** @description Hits of the host's pages */
                            hits: number;
                            /** @description The host, such as `example.com` */
                            host: string;
                            /** @description Pages of the host */
                            pages: number;
                        }[];
                        next: string | null;
                    };
                };
            };
            /** @description `no_page`, `bad_page`, `bad_option`, `bad_request` */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized` */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`, `blocked_page`, `banned`, `too_many_pages` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `removed` */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too_many_requests` */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable` */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getApiV1Numbers: {
        parameters: {
            query?: {
                /**
                 * @description A host in place of a page: its numbers are the sums of those of its pages
                 * @example example.com
                 */
                site?: string;
                /** @description Where days begin, as an IANA name; else the instance's time zone */
                tz?: string;
                /** @description The page: its address, or a name */
                url?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The numbers of a page or host */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description Active visits */
                        active: number;
                        firstSeen: string | null;
                        /** @description Hits in all */
                        hits: number;
                        lastSeen: string | null;
                        links: {
                            /** @description The badge that shows the number, and counts nothing */
                            badge: string;
                            /** @description The page for people that shows these numbers */
                            page: string;
                        };
                        /** @description For how many minutes a counted visit is active */
                        minutes: number;
                        page: string | null;
                        periods: {
                            "7d": {
                                before: number | null;
                                /** @description Hits of this period */
                                hits: number;
                            };
                            "30d": {
                                before: number | null;
                                /** @description Hits of this period */
                                hits: number;
                            };
                            today: {
                                before: number | null;
                                /** @description Hits of this period */
                                hits: number;
                            };
                        };
                        site: string | null;
                        /** @description Where days begin, as an IANA name */
                        timeZone: string;
                    };
                };
            };
            /** @description `no_page`, `bad_page`, `bad_option`, `bad_request` */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized` */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`, `blocked_page`, `banned`, `too_many_pages` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `removed` */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too_many_requests` */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable` */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getApiV1Outcomes: {
        parameters: {
            query?: {
                /** @description Visits of this period; else `30d` */
                period?: string;
                /**
                 * @description A host in place of a page: its numbers are the sums of those of its pages
                 * @example example.com
                 */
                site?: string;
                /** @description Where days begin, as an IANA name; else the instance's time zone */
                tz?: string;
                /** @description The page: its address, or a name */
                url?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What became of the visits to a page or host: how many counted, and why others did not */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        outcomes: {
                            /** @description Visits of robots that say so */
                            bot: number;
                            /** @description Visits that counted */
                            counted: number;
                            /** @description Visits that the operator's settings or the visitor exclude */
                            excluded: number;
                            /** @description Visits from an address that had too many at once */
                            limited: number;
                            /** @description Visits of a browser that came again within the window */
                            repeat: number;
                        };
                        page: string | null;
                        /** @description As it was requested */
                        period: string;
                        site: string | null;
                        /** @description Where days begin, as an IANA name */
                        timeZone: string;
                    };
                };
            };
            /** @description `no_page`, `bad_page`, `bad_option`, `bad_request` */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized` */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`, `blocked_page`, `banned`, `too_many_pages` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `removed` */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too_many_requests` */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable` */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getApiV1Pages: {
        parameters: {
            query?: {
                /** @description `next` of the answer before, to read on */
                after?: string;
                /**
                 * @description Only the pages of this host
                 * @example example.com
                 */
                host?: string;
                /** @description Entries of an answer; else 50 */
                limit?: number;
                /**
                 * @description Text that the name contains, in any case
                 * @example blog
                 */
                part?: string;
                /** @description By hits in all, by hits of today, or by the last visit that counted; else `hits` */
                sort?: "hits" | "today" | "recent";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Pages, searched and sorted */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * Format: date-time
                         * @description When the list was read
                         */
                        at: string;
                        next: string | null;
                        pages: {
                            /** @description Hits in all */
                            hits: number;
                            lastSeen: string | null;
                            /** @description The page, in its normal form */
                            page: string;
                            /** @description Hits of today, where the instance is */
                            today: number;
                        }[];
                    };
                };
            };
            /** @description `no_page`, `bad_page`, `bad_option`, `bad_request` */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized` */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`, `blocked_page`, `banned`, `too_many_pages` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `removed` */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too_many_requests` */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable` */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postApiV1PagesCount: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** @description The addresses or names of pages */
                    pages: string[];
                };
            };
        };
        responses: {
            /** @description Counts a visit of each of up to 100 pages */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description In the order of the request: each page with its number, or why it is refused */
                        pages: ({
                            /** @description Whether this visit counted */
                            counted: boolean;
                            /** @description The page's number */
                            hits: number;
                            /** @description Whether it counted, and if not, why, in one sentence */
                            message: string;
                            /** @enum {string} */
                            outcome: "read" | "excluded" | "bot" | "repeat" | "limited" | "counted";
                            /** @description The page, in its normal form */
                            page: string;
                            /** @description The page as it was sent */
                            url: string;
                        } | {
                            problem: components["schemas"]["Problem"];
                            /** @description The page as it was sent */
                            url: string;
                        })[];
                    };
                };
            };
            /** @description `no_page`, `bad_page`, `bad_option`, `bad_request` */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `blocked_page`, `banned`, `too_many_pages` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `removed` */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too_many_requests` */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable` */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postApiV1PagesRead: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** @description The addresses or names of pages */
                    pages: string[];
                };
            };
        };
        responses: {
            /** @description Reads the numbers of up to 100 pages, and counts nothing */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description In the order of the request: each page with its number, or why it is refused */
                        pages: ({
                            /** @description Whether this visit counted */
                            counted: boolean;
                            /** @description The page's number */
                            hits: number;
                            /** @description Whether it counted, and if not, why, in one sentence */
                            message: string;
                            /** @enum {string} */
                            outcome: "read" | "excluded" | "bot" | "repeat" | "limited" | "counted";
                            /** @description The page, in its normal form */
                            page: string;
                            /** @description The page as it was sent */
                            url: string;
                        } | {
                            problem: components["schemas"]["Problem"];
                            /** @description The page as it was sent */
                            url: string;
                        })[];
                    };
                };
            };
            /** @description `no_page`, `bad_page`, `bad_option`, `bad_request` */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `blocked_page`, `banned`, `too_many_pages` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `removed` */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too_many_requests` */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable` */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getApiV1Series: {
        parameters: {
            query?: {
                /** @description A day, month or time in the first point; else 48 hours, 30 days or 12 months */
                from?: string;
                /**
                 * @description A host in place of a page: its numbers are the sums of those of its pages
                 * @example example.com
                 */
                site?: string;
                /** @description The same of the last point; else now */
                to?: string;
                /** @description Where days begin, as an IANA name; else the instance's time zone */
                tz?: string;
                /** @description What a point is; else `day` */
                unit?: "hour" | "day" | "month";
                /** @description The page: its address, or a name */
                url?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Visits of a page or host over time, by hour, day or month */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        earlier: {
                            from: string;
                            to: string;
                        } | null;
                        keptFrom: string | null;
                        later: {
                            from: string;
                            to: string;
                        } | null;
                        page: string | null;
                        /** @description Oldest first, at most 1,000. Time of which nothing is kept has no points */
                        points: {
                            /** @description Visits of robots that say so */
                            bot: number;
                            /** @description Visits that counted */
                            counted: number;
                            /** @description Visits that the operator's settings or the visitor exclude */
                            excluded: number;
                            /** @description Visits from an address that had too many at once */
                            limited: number;
                            /** @description Such as `2026-11`, `2026-11-20` or `2026-11-20T05:00+01:00` */
                            name: string;
                            /** @description Visits of a browser that came again within the window */
                            repeat: number;
                        }[];
                        site: string | null;
                        /** @description Where days begin, as an IANA name */
                        timeZone: string;
                        /** @enum {string} */
                        unit: "hour" | "day" | "month";
                    };
                };
            };
            /** @description `no_page`, `bad_page`, `bad_option`, `bad_request` */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized` */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`, `blocked_page`, `banned`, `too_many_pages` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `removed` */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too_many_requests` */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable` */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getApiV1Top: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The hosts and pages with the most hits, as on the home page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        hosts: {
                            /** @description Hits of the host's pages */
                            hits: number;
                            /** @description The host, such as `example.com` */
                            host: string;
                        }[];
                        pages: {
                            /** @description Hits in all */
                            hits: number;
                            /** @description The page, in its normal form */
                            page: string;
                        }[];
                    };
                };
            };
            /** @description `no_page`, `bad_page`, `bad_option`, `bad_request` */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized` */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`, `blocked_page`, `banned`, `too_many_pages` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `removed` */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too_many_requests` */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable` */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
