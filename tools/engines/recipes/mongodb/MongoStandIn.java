import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.MongoDatabase;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.CollectionOptions;
import de.bwaldvogel.mongo.backend.CursorRegistry;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.QueryParameters;
import de.bwaldvogel.mongo.backend.QueryResult;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import de.bwaldvogel.mongo.backend.h2.H2Collection;
import de.bwaldvogel.mongo.backend.h2.H2Database;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.MongoServerError;
import de.bwaldvogel.mongo.oplog.NoopOplog;
import io.netty.channel.Channel;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.h2.mvstore.MVStore;

/**
 * A MongoDB-protocol stand-in for tests: mongo-java-server on 127.0.0.1, corrected where a store of carts would notice.
 *
 * <p>{@code MongoStandIn <port> <file>} keeps its data in the file; an acknowledged write survives SIGKILL. SIGTERM ends it.
 * {@code -Dttl=<ms>} enforces TTL indexes that often (default: never), {@code -DreplSet=rs0} answers as a replica set of one,
 * {@code -Drace=true} lets the first insert of each _id fail with E11000, as one of two racing upserts does on a real server.
 */
public final class MongoStandIn {
    private static final Set<String> WRITES =
        Set.of("insert", "update", "delete", "findAndModify", "create", "createIndexes", "dropIndexes", "drop", "dropDatabase");
    private static final int TTL_EVERY = Integer.getInteger("ttl", 0);
    private static final boolean RACE = Boolean.getBoolean("race");
    private static final String REPLICA_SET = System.getProperty("replSet");

    private record TtlIndex(String database, String collection, String field, long seconds) {}

    /** Commands come one at a time: the store may be written to the file only while no document is being changed. */
    private static final class Backend extends H2Backend {
        private final int port;
        private final Map<String, TtlIndex> ttlIndexes = new ConcurrentHashMap<>();

        Backend(MVStore store, int port) {
            super(store);
            this.port = port;
        }

        @Override protected MongoDatabase openOrCreateDatabase(String name) {
            return new Database(name, getMvStore(), getCursorRegistry());
        }

        @Override public synchronized Document handleCommand(Channel channel, String database, String asked, Document query) {
            String command = asked.equals("hello") ? "ismaster" : asked; // the library knows the old name only
            Document answer = super.handleCommand(channel, database, command, query);
            if (WRITES.contains(command)) getMvStore().commit();
            if (command.equalsIgnoreCase("ismaster")) introduce(answer);
            if (command.equalsIgnoreCase("buildInfo")) answer.append("standIn", true).append("ttl", TTL_EVERY > 0);
            if (command.equals("createIndexes")) note(database, query);
            return answer;
        }

        private void introduce(Document answer) {
            answer.put("maxWriteBatchSize", 100_000); // as mongod; the library says 1,000
            answer.put("isWritablePrimary", true);
            if (REPLICA_SET == null) return;
            String self = "127.0.0.1:" + port;
            answer.append("setName", REPLICA_SET).append("setVersion", 1).append("hosts", List.of(self)).append("me", self);
            answer.append("primary", self).append("secondary", false).append("logicalSessionTimeoutMinutes", 30);
        }

        private void note(String database, Document query) {
            String collection = (String) query.get("createIndexes");
            for (Object each : (Collection<?>) query.get("indexes"))
                if (each instanceof Document index && index.get("expireAfterSeconds") instanceof Number seconds)
                    ttlIndexes.put(database + "." + collection + "." + index.get("name"), new TtlIndex(
                        database, collection, ((Document) index.get("key")).keySet().iterator().next(), seconds.longValue()));
        }

        synchronized void removeExpired() {
            for (TtlIndex index : ttlIndexes.values()) {
                MongoCollection<?> collection = resolveDatabase(index.database()).resolveCollection(index.collection(), false);
                Instant before = Instant.now().minusSeconds(index.seconds());
                if (collection != null)
                    collection.deleteDocuments(new Document(index.field(), new Document("$lte", before)), 0, NoopOplog.get());
            }
            getMvStore().commit();
        }
    }

    private static final class Database extends H2Database {
        private final MVStore store;

        Database(String name, MVStore store, CursorRegistry cursors) {
            super(name, store, cursors);
            this.store = store;
        }

        @Override protected MongoCollection<Object> openOrCreateCollection(String name, CollectionOptions options) {
            if (store == null || name.startsWith("system.")) return super.openOrCreateCollection(name, options);
            String full = getFullCollectionNamespace(name);
            return new Documents(this, name, options, store, full, cursorRegistry);
        }
    }

    private static final class Documents extends H2Collection {
        private final Set<Object> raced = new HashSet<>();
        private boolean isAsked;
        private boolean isModifying;

        Documents(MongoDatabase database, String name, CollectionOptions options, MVStore store, String full, CursorRegistry cursors) {
            super(database, name, options, store.openMap("databases." + full), store.openMap("meta." + full), cursors);
        }

        /** Finds {_id, revision: {$lt}} by its _id; the library would look at every document for each fenced write. */
        @Override protected QueryResult queryDocuments(Document query, Document sort, int skip, int limit, int batch, Document fields) {
            Document byId = new Document("_id", query.get("_id"));
            if (query.size() > 1 && query.get("_id") instanceof String)
                for (Index<Object> index : getIndexes())
                    if (index.canHandle(byId)) return matchDocuments(query, index.getPositions(byId), sort, skip, limit, batch, fields);
            return super.queryDocuments(query, sort, skip, limit, batch, fields);
        }

        @Override public synchronized QueryResult handleQuery(QueryParameters parameters) {
            isAsked = !isModifying;
            try {
                return super.handleQuery(parameters);
            } finally {
                isAsked = false;
            }
        }

        @Override public synchronized Document findAndModify(Document query) {
            isModifying = true;
            try {
                return super.findAndModify(query).cloneDeeply();
            } finally {
                isModifying = false;
            }
        }

        /** Readers get copies: the answer is encoded when a writer may already change the document. */
        @Override protected QueryResult createQueryResult(List<Document> found, int batch) {
            return super.createQueryResult(isAsked ? new ArrayList<>(found.stream().map(Document::cloneDeeply).toList()) : found, batch);
        }

        @Override public synchronized void addDocument(Document document) {
            if (RACE && raced.add(document.get("_id")))
                throw new MongoServerError(11000, "DuplicateKey", "E11000 duplicate key error (a race, injected)");
            super.addDocument(document);
        }
    }

    /** What drivers of today accept: from 7.6 on they refuse less than wire version 9; the library's newest is 8. */
    private static final class Version implements MongoVersion {
        @Override public List<Integer> getVersionArray() {
            return List.of(4, 4, 0);
        }

        @Override public int getWireVersion() {
            return 9;
        }
    }

    public static void main(String[] args) {
        int port = Integer.parseInt(args[0]);
        MVStore store = new MVStore.Builder().fileName(args[1]).autoCommitDisabled().open();
        store.setRetentionTime(0); // ms; else 45 s of replaced documents stay: gigabytes. Only a power failure could want them
        Backend backend = new Backend(store, port);
        MongoServer server = new MongoServer(backend.version(new Version()));
        try {
            server.bind("127.0.0.1", port);
        } catch (Exception error) { // netty throws checked ones unannounced; its threads would go on
            System.err.println("Nothing can listen on 127.0.0.1:" + port + ": " + error);
            System.exit(1);
        }
        Runtime.getRuntime().addShutdownHook(new Thread(server::shutdownNow));
        if (TTL_EVERY > 0) Executors.newSingleThreadScheduledExecutor(MongoStandIn::daemon)
            .scheduleWithFixedDelay(() -> attempt(backend::removeExpired), TTL_EVERY, TTL_EVERY, TimeUnit.MILLISECONDS);
    }

    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work);
        thread.setDaemon(true);
        return thread;
    }

    /** A schedule ends at the first exception. */
    private static void attempt(Runnable work) {
        try {
            work.run();
        } catch (RuntimeException error) {
            System.err.println("TTL: " + error);
        }
    }
}
