/* Where a cluster is and how to sign in: the provider's `kubernetes` block and kubeconfig files.
 *
 * The file's form is Kubernetes' Config v1.  Of several files the first that defines an entry wins,
 * and relative paths start at the folder of the file they stand in, as in client-go.  Nothing is
 * guessed: without an address there is an error, never localhost. */
#pragma once

#include "clients/http.h"

/* The largest kubeconfig, certificate and token file that is read. */
#define KUBECONFIG_LIMIT ((size_t)16 * 1024 * 1024)
#define KUBECONFIG_PEM_LIMIT ((size_t)1024 * 1024)
#define KUBECONFIG_TOKEN_LIMIT ((size_t)64 * 1024)

/* What the `kubernetes` block says.  Unset members have at == NULL. */
struct kubernetes_settings {
    const struct path *at; /* of the block; errors point at its members */
    struct str host;       /* "https://10.0.0.1:6443"; "https://" may be left out */
    struct str cluster_ca_certificate;
    struct str token;
    struct str client_certificate;
    struct str client_key;
    struct str tls_server_name;
    bool insecure;
    struct str proxy_url;
    struct str config_path;
    const struct str *config_paths; /* in the order of KUBECONFIG; missing files are skipped */
    size_t config_path_count;
    struct str config_context; /* unset: the file's current-context */
};

/* A cluster that can be called.  Its strings live in the arena of the call that read it. */
struct kubernetes_endpoint {
    struct str server;     /* "https://host:port/prefix", no slash at the end */
    struct http_tls tls;   /* certificates checked, as PEM text */
    struct str token;      /* a fixed token, or at == NULL */
    struct str token_file; /* read for each request, since its content rotates; wins over token */
    struct str name;       /* for messages: the context "dev" of /home/x/.kube/config */
    struct str credential; /* for messages: the token of the provider's kubernetes block */
};

/* Fills *OUT from SETTINGS: either `host` with what belongs to it, or a kubeconfig, whose values
 * the block's other members override (a token or client certificate in the block replaces all of
 * the file's user).  False with an error added for anything that is missing, malformed,
 * contradictory or needs what is not supported: an exec plugin, a username and password,
 * impersonation. */
MUST_CHECK bool kubeconfig_read(struct call *call, const struct kubernetes_settings *settings,
                                struct kubernetes_endpoint *out);

/* A copy whose strings live in ARENA, for an endpoint that outlives its call. */
struct kubernetes_endpoint kubeconfig_copy(struct arena *arena,
                                           const struct kubernetes_endpoint *endpoint);

/* Reads a token file: one token, blanks around it dropped.  at == NULL with an error added where
 * the file cannot be read, is empty or holds more than one line. */
MUST_CHECK struct str kubeconfig_token_file(struct call *call, const struct path *at,
                                            struct str path);
