-- What requests have shown of the proxy in front of the portal, for ops and for `strongroom doctor`.
CREATE TABLE proxy_troubles (
    fault TEXT PRIMARY KEY,              -- domain::front::ProxyFault
    via TEXT NOT NULL,                   -- the address that spoke
    since BIGINT NOT NULL,
    last_at BIGINT NOT NULL
);
